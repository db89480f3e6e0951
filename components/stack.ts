import * as pulumi from "@pulumi/pulumi";
import { type Environment, keyPrefix, parseStackConfig, type SecretName } from "./config";

// The SDK has this function and leaves it out of its types.
const { isConfigSecret } = pulumi.runtime as unknown as { isConfigSecret: (key: string) => boolean };

/** A stack's config as the program sees it: the model, and beside it the secrets, which stay outputs. */
export interface Stack {
  readonly environment: Environment;
  readonly secrets: Readonly<Record<SecretName, pulumi.Output<string>>>;
}

/**
 * Reads and checks the stack's config, all of it at once.
 * @throws pulumi.RunError with every problem, before the first resource
 */
export function readStack(): Stack {
  const raw = Object.fromEntries(
    Object.entries(pulumi.runtime.allConfig())
      .filter(([key]) => key.startsWith(keyPrefix))
      .map(([key, value]) => [key.slice(keyPrefix.length), valueOf(key, value)]),
  );
  try {
    const stack = pulumi.getStack();
    const environment = parseStackConfig(raw, `config of stack ${stack}`, { stack });
    const secrets = new pulumi.Config().requireSecretObject<Record<SecretName, string>>("secrets");
    const secret = (name: SecretName) => secrets.apply((values) => values[name]);
    const databasePassword = secret("databasePassword");
    return { environment, secrets: { databasePassword, databaseAdminPassword: secret("databaseAdminPassword") } };
  } catch (error) {
    // A person's mistake: the message is all there is to know.
    throw error instanceof Error && error.name === "ConfigError" ? new pulumi.RunError(error.message) : error;
  }
}

/** Pulumi hands structured values over as JSON, and decrypted; the check wants secrets in their encrypted shape. */
function valueOf(key: string, value: string): unknown {
  const parsed = parse(value);
  if (!isConfigSecret(key)) return parsed;
  if (typeof parsed !== "object" || parsed === null) return { secure: "" };
  return Object.fromEntries(Object.keys(parsed).map((name) => [name, { secure: "" }]));
}

function parse(value: string): unknown {
  try {
    return /^[[{]/.test(value) ? JSON.parse(value) : value;
  } catch {
    return value;
  }
}
