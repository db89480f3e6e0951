import { strict as assert } from "node:assert";
import { ConfigError, parseStackConfig } from "../../components/config";

const embedded = { kind: "embedded" };
export const secrets = { databasePassword: { secure: "v1:x" }, databaseAdminPassword: { secure: "v1:y" } };
export const valid = { cluster: embedded, services: { restaurant: {}, consumer: {}, gateway: {} }, secrets };

/** The message of the error that a config is refused with. */
export function refusal(raw: Record<string, unknown>): string {
  try {
    parseStackConfig(raw, "stacks/Pulumi.test.yaml");
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return "accepted";
}

/** Its problems, one to a line. */
export const problems = (raw: Record<string, unknown>) =>
  refusal({ ...valid, ...raw })
    .split("\n")
    .slice(1)
    .map((line) => line.trim());
export const ofService = (shop: unknown) => problems({ services: { shop } });

export type Table = [given: Record<string, unknown>, ...said: string[]][];

/** One test for each entry: what is said of a service called `shop`, whose image is given. */
export function says(table: Table, of: (given: Record<string, unknown>) => string[]): void {
  for (const [given, ...said] of table) {
    it(`says of ${JSON.stringify(given).slice(0, 120)} what is wrong`, () => assert.deepEqual(of(given), said));
  }
}

export const v1 = { image: "example/shop:1" };
export const v2 = { image: "example/shop:2" };
export const twoVersions = { versions: { v1, v2 }, stable: "v1" };
export const encrypt = (secret = "databasePassword", stack?: string, quote = "") =>
  `run \`pulumi config set ${stack === undefined ? "" : `--stack ${stack} `}--secret --path ${quote}secrets.${secret}${quote}\``;
