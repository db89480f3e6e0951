import * as pulumi from "@pulumi/pulumi";
import { type Environment, keyPrefix, parseStackConfig, type SecretName, type Service } from "./config";

// The SDK has this function and leaves it out of its types.
const { isConfigSecret } = pulumi.runtime as unknown as { isConfigSecret: (key: string) => boolean };

/** A stack's config as the program sees it: the model, and beside it the secrets, which stay outputs. */
export interface Stack {
  readonly environment: Environment;
  readonly secrets: Readonly<Record<SecretName, pulumi.Output<string>>>;
  /** The secret variables of a service, by name. */
  readonly secretEnvOf: (service: Service) => Readonly<Record<string, pulumi.Output<string>>>;
}

/** What stands under `ftgo:secrets`, decrypted. The check has seen to it that what is needed is there. */
type Secrets = Readonly<Partial<Record<SecretName, string>>> & {
  readonly env?: Readonly<Record<string, Record<string, string>>>;
};

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
    const secrets = new pulumi.Config().getSecretObject<Secrets>("secrets") ?? pulumi.secret<Secrets>({});
    const secret = (name: SecretName) => secrets.apply((values) => values[name] ?? "");
    const databasePassword = secret("databasePassword");
    const secretEnvOf = ({ key, secretEnv }: Service) =>
      Object.fromEntries(secretEnv.map((name) => [name, secrets.apply(({ env }) => env?.[key]?.[name] ?? "")]));
    const own = { databasePassword, databaseAdminPassword: secret("databaseAdminPassword") };
    return { environment, secrets: own, secretEnvOf };
  } catch (error) {
    // A person's mistake: the message is all there is to know.
    throw error instanceof Error && error.name === "ConfigError" ? new pulumi.RunError(error.message) : error;
  }
}

/** Pulumi hands structured values over as JSON, and decrypted; the check wants secrets in their encrypted shape. */
function valueOf(key: string, value: string): unknown {
  const parsed = parse(value);
  if (!isConfigSecret(key)) return parsed;
  return hidden(parsed, key === `${keyPrefix}secrets` ? secretDepth : 1);
}

/** `ftgo:secrets` holds a value as deep as `env.<service>.<variable>`. */
const secretDepth = 3;

/** A decrypted value in the shape of the file, as far as that can be known. @param depth of maps around what is encrypted */
function hidden(value: unknown, depth: number): unknown {
  if (depth === 0 || typeof value !== "object" || value === null) return { secure: "" };
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, hidden(inner, depth - 1)]));
}

function parse(value: string): unknown {
  try {
    return /^[[{]/.test(value) ? JSON.parse(value) : value;
  } catch {
    return value;
  }
}
