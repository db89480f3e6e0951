import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { metadata } from "../kubernetes";
import type { EnvVar } from "../services";

export interface DbSecretArgs {
  namespace: pulumi.Input<string>;
  /** User of the database `eventuate`. */
  username: string;
  /** From encrypted stack config: never a plain text in the program. */
  password: pulumi.Output<string>;
}

const secretName = "ftgo-db-secret";

/** The Secret `ftgo-db-secret` with the keys `username` and `password`. */
export class DbSecret extends pulumi.ComponentResource {
  readonly name = secretName;
  /** Changes whenever the Secret does, and tells nothing of what is in it: pods that carry it roll then. */
  readonly version: pulumi.Output<string>;

  constructor(name: string, args: DbSecretArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ftgo:data:DbSecret", name, {}, opts);
    const { username, password, namespace } = args;
    const secret = new k8s.core.v1.Secret(
      `${name}/secret`,
      {
        metadata: metadata({ name: secretName, namespace }),
        type: "Opaque",
        stringData: { username, password: pulumi.secret(password) },
      },
      { parent: this },
    );
    this.version = secret.metadata.resourceVersion;
    this.registerOutputs({ version: this.version });
  }

  /** The variable `name` with one of the Secret's values. */
  variable(name: string, key: "username" | "password"): EnvVar {
    return { name, valueFrom: { secretKeyRef: { name: secretName, key } } };
  }
}
