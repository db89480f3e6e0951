import { z } from "zod";
import { cluster } from "./cluster";
import { dataStores } from "./data-stores";
import { mesh } from "./mesh";
import { service } from "./service";
import { telemetry } from "./telemetry";
import { dnsLabel, serviceName, variableName } from "./values";

/** A value that `pulumi config set --secret` has encrypted. */
const encrypted = z.strictObject({ secure: z.string() });

/**
 * The stack file's `ftgo:` keys. One schema gives the types, the defaults, the check and the JSON Schema that editors
 * use. Secrets have a key of their own, because one encrypted leaf makes Pulumi treat its whole object as secret.
 */
export const stackConfig = z.strictObject({
  cluster: cluster.describe("Where everything runs."),
  namespace: dnsLabel.default("ftgo").describe("Namespace of every FTGO object. It goes with the stack."),
  pinnedImages: z
    // `pulumi config set` writes a top-level true as "true".
    .union([z.boolean(), z.enum(["true", "false"]).transform((value) => value === "true")])
    .default(false)
    .describe("Refuse images without a fixed tag or digest. On for staging and prod."),
  services: z
    .record(serviceName, service)
    .describe("The services; `restaurant`, `consumer` and `gateway` have defaults."),
  mesh: mesh.prefault({}).describe("Istio."),
  telemetry: telemetry.prefault({}).describe("Access logs, metrics and traces of the mesh."),
  dataStores: dataStores.prefault({}).describe("MySQL, Kafka and ZooKeeper."),
  backend: z
    .string()
    .regex(/^(s3|gs|azblob|file|https):\/\//, "use a Pulumi backend such as s3://bucket?region=eu-central-1")
    .optional()
    .describe("Where `ftgo` keeps this stack's state. Stack local has its own."),
  secrets: z
    .strictObject({
      databasePassword: encrypted
        .optional()
        .describe("Password of the services' database user. A new one rolls their pods. Needed by `dataStores`."),
      databaseAdminPassword: encrypted
        .optional()
        .describe(
          "Password of MySQL's root. It is set when its volume is made. Needed by `dataStores`, and by `env`: the hashes by which new " +
            "values roll pods are made with it.",
        ),
      env: z
        .record(serviceName, z.record(variableName, encrypted))
        .default({})
        .describe("Variables of services whose values are secret, by the service's key. Another value rolls its pods."),
    })
    .prefault({})
    .describe("Encrypted values, and nothing else."),
});
export type StackConfig = z.output<typeof stackConfig>;
/** The secrets of the platform itself. */
export type SecretName = Exclude<keyof StackConfig["secrets"], "env">;
