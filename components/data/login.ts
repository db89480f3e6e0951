import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { loginAccount } from "../config";
import { metadata, restricted, tmp } from "../kubernetes";
import type { EnvVar } from "../services";

/** A MySQL-compatible server, and the way to administer it. */
export interface Database {
  readonly host: string;
  /** Image with a client of it. */
  readonly image: string;
  /** Secret whose key `password` is that of the user `root`. */
  readonly adminSecret: string;
  /** The same password, which no name in the cluster tells. */
  readonly adminPassword: pulumi.Output<string>;
  /** What has to run before it can be asked. */
  readonly server: pulumi.Resource;
}

interface LoginJobArgs {
  readonly namespace: pulumi.Input<string>;
  readonly database: Pick<Database, "host" | "image" | "adminSecret">;
  /** Name of the Job: another one for every login. */
  readonly job: pulumi.Input<string>;
  /** What the names of all our logins begin with; letters, digits and `_`. */
  readonly user: string;
  /** Secret with the login that the database has to know: `username` and `password`. */
  readonly login: string;
  /** Secret with the login that pods use until then; it may not be there yet. */
  readonly current: string;
}

/*
 * Makes the database, where its image does not, and the login, and drops those logins that nobody uses any more: not the current
 * one, and none that is connected. A user's password never changes, so pods with the login of before go on with it.
 *
 * The password reaches the server in hexadecimal and on standard input: no argument shows it, and none of its characters means
 * anything to a shell or to SQL. At the end the login itself is tried.
 */
const script = `set -eu
client=$(command -v mysql || command -v mariadb)
password=$(printf %s "$LOGIN_PASSWORD" | od -An -v -tx1 | tr -d ' \\n')
"$client" --user=root --default-character-set=utf8mb4 <<SQL
CREATE DATABASE IF NOT EXISTS eventuate;
SET SESSION sql_mode = '', SESSION group_concat_max_len = 65536;
SET @create = CONCAT('CREATE USER IF NOT EXISTS ''$LOGIN_USER''@''%'' IDENTIFIED BY ', QUOTE(CONVERT(UNHEX('$password') USING utf8mb4)));
PREPARE statement FROM @create;
EXECUTE statement;
GRANT ALL PRIVILEGES ON eventuate.* TO '$LOGIN_USER'@'%';
SELECT GROUP_CONCAT(QUOTE(user), '@', QUOTE(host)) INTO @unused FROM mysql.user
  WHERE user REGEXP '^\${USER_PREFIX}_[0-9a-f]{8}$' AND user NOT IN ('$LOGIN_USER', '\${CURRENT_USER:-}')
  AND user NOT IN (SELECT user FROM information_schema.processlist);
SET @drop = IF(@unused IS NULL, 'DO 0', CONCAT('DROP USER ', @unused));
PREPARE statement FROM @drop;
EXECUTE statement;
SQL
MYSQL_PWD=$LOGIN_PASSWORD "$client" --user="$LOGIN_USER" --default-character-set=utf8mb4 --execute='DO 0' eventuate
`;

/** A Job that makes a login known to the database, done when the database accepts it. */
export function loginJob(name: string, args: LoginJobArgs, opts: pulumi.CustomResourceOptions): k8s.batch.v1.Job {
  const { namespace, database, job, user, login, current } = args;
  const app = loginAccount;
  const labels = { app };
  const identity = { metadata: metadata({ name: app, namespace, labels }), automountServiceAccountToken: false };
  const account = new k8s.core.v1.ServiceAccount(`${name}/account`, identity, { parent: opts.parent });
  const env: EnvVar[] = [
    { name: "MYSQL_HOST", value: database.host },
    { name: "USER_PREFIX", value: user },
    { name: "MYSQL_PWD", valueFrom: { secretKeyRef: { name: database.adminSecret, key: "password" } } },
    { name: "LOGIN_USER", valueFrom: { secretKeyRef: { name: login, key: "username" } } },
    { name: "LOGIN_PASSWORD", valueFrom: { secretKeyRef: { name: login, key: "password" } } },
    { name: "CURRENT_USER", valueFrom: { secretKeyRef: { name: current, key: "username", optional: true } } },
  ];
  const spec: k8s.types.input.core.v1.PodSpec = {
    restartPolicy: "Never",
    serviceAccountName: app,
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, runAsUser: 999, seccompProfile: { type: "RuntimeDefault" } },
    containers: [
      {
        name: app,
        image: database.image,
        command: ["sh", "-c", script],
        env,
        // Where no log is kept, the pod itself says why the database refused.
        terminationMessagePolicy: "FallbackToLogsOnError",
        resources: { requests: { cpu: "10m", memory: "64Mi" }, limits: { memory: "128Mi" } },
        securityContext: restricted,
        // A bash before 5.1 writes what follows `<<` to a file.
        volumeMounts: [tmp.mount],
      },
    ],
    volumes: [tmp.volume],
  };
  return new k8s.batch.v1.Job(
    name,
    {
      // A Job that has failed stays so: the next update makes it anew.
      metadata: metadata({ name: job, namespace, labels, annotations: { "pulumi.com/replaceUnready": "true" } }),
      spec: { backoffLimit: 1, activeDeadlineSeconds: 300, template: { metadata: { labels }, spec } },
    },
    pulumi.mergeOptions(opts, { dependsOn: account }),
  );
}
