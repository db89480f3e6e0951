import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { loginAnnotation } from "../config";
import { keyedHash, metadata } from "../kubernetes";
import type { EnvVar } from "../services";
import { type Database, loginJob } from "./login";

export interface DbSecretArgs {
  namespace: pulumi.Input<string>;
  /** What the names of the database's users begin with; letters, digits and `_`. */
  user: string;
  /** From encrypted stack config: never a plain text in the program. */
  password: pulumi.Output<string>;
  /** Server that has to know the login. */
  database: Database;
}

const secretName = "ftgo-db-secret";

/**
 * The Secret `ftgo-db-secret` with the keys `username` and `password`, which the database has come to know before.
 *
 * Every password has a database user of its own, called `<user>_<tag>`. So a new password is a new login beside the old
 * one: first a Job makes it, then the Secret names it, then the pods roll, and those that still run use theirs. The next new
 * password drops it.
 */
export class DbSecret extends pulumi.ComponentResource {
  /** What a service's pods are told of the database: its address, and the login by reference. */
  readonly env: EnvVar[];
  /** Annotations of pods that use the login: another one rolls them. */
  readonly podAnnotations: Record<string, pulumi.Output<string>>;

  constructor(name: string, args: DbSecretArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ftgo:data:DbSecret", name, {}, opts);
    const { namespace, user, password, database } = args;
    const tag = keyedHash(password, database.adminPassword);
    const login = { username: pulumi.interpolate`${user}_${tag}`, password };
    const makeSecret = (role: string, secret: string, dependsOn: pulumi.Resource[] = []) =>
      new k8s.core.v1.Secret(
        `${name}/${role}`,
        {
          metadata: metadata({ name: secret, namespace, annotations: { [loginAnnotation]: tag } }),
          type: "Opaque",
          stringData: pulumi.secret(login),
        },
        { parent: this, dependsOn },
      );
    const next = `${database.host}-login`;
    const offered = makeSecret("next", next);
    const job = pulumi.interpolate`${next}-${tag}`;
    const known = loginJob(
      `${name}/login`,
      { namespace, database, job, user, login: next, current: secretName },
      { parent: this, dependsOn: [offered, database.server] },
    );
    const secret = makeSecret("secret", secretName, [known]);
    this.env = [
      { name: "SPRING_DATASOURCE_URL", value: `jdbc:mysql://${database.host}/eventuate` },
      variable("SPRING_DATASOURCE_USERNAME", "username"),
      variable("SPRING_DATASOURCE_PASSWORD", "password"),
      { name: "SPRING_DATASOURCE_DRIVER_CLASS_NAME", value: "com.mysql.jdbc.Driver" },
    ];
    // Of the Secret as it is: an update that leaves the Secret alone does not roll pods for a login that is not there yet.
    const tags = secret.metadata.annotations.apply((annotations) => annotations[loginAnnotation] ?? "");
    this.podAnnotations = { [loginAnnotation]: tags };
    this.registerOutputs({});
  }
}

/** The variable `name` with one of the Secret's values. */
function variable(name: string, key: "username" | "password"): EnvVar {
  return { name, valueFrom: { secretKeyRef: { name: secretName, key } } };
}
