import { strict as assert } from "node:assert";
import * as pulumi from "@pulumi/pulumi";
import { type Recording, valueOf } from "./aws-mocks";
import { adminPassword, clusterObjects, password, runProgram } from "./ftgo-program";
import { encrypt } from "./refusals";

// How Pulumi writes a secret down on the wire, `value` being what is to be encrypted.
const secretMark = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };

const tag = "21b6e90a";
const readers = ["ftgo-consumer-service/deployment", "ftgo-restaurant-service/deployment"];
const runWith = (databasePassword: string, databaseAdminPassword = adminPassword) =>
  runProgram({ secrets: { databasePassword, databaseAdminPassword } });

describe("the database's passwords", () => {
  let recording: Recording;
  let outputs: unknown;
  before(async () => (recording = await runProgram({}, (given) => (outputs = given))));

  const encodings = (secret: string) => [secret, Buffer.from(secret).toString("base64")];
  const texts = [password, adminPassword].flatMap(encodings);
  const told = (value: unknown) => texts.some((text) => JSON.stringify(value).includes(text));

  it("are in Secrets, beside the user's name, and are secrets to Pulumi there", () => {
    const login = { username: `mysqluser_${tag}`, password };
    const secrets = {
      "data/admin": ["ftgo-mysql-admin", { password: adminPassword }],
      "database/next": ["ftgo-mysql-login", login],
      "database/secret": ["ftgo-db-secret", login],
    };
    for (const [logical, [expected, value]] of Object.entries(secrets)) {
      const { stringData, ...rest } = recording.get(logical).inputs;
      const { name, namespace } = rest["metadata"] as Record<string, string>;
      assert.deepEqual([name, namespace, rest["type"]], [expected, "ftgo", "Opaque"]);
      assert.deepEqual(stringData, { ...secretMark, value });
      assert.ok(!told(rest));
    }
    const tellers = recording.all.filter(({ inputs }) => told(inputs)).map(({ name }) => name);
    assert.deepEqual(tellers.sort(), Object.keys(secrets), "and in no other input of any resource");
  });

  it("are in no name, and in no output of the program", async () => {
    assert.ok(!told(recording.all.map(({ urn, dependsOn }) => [urn, dependsOn])));
    const known = await valueOf(pulumi.output(outputs));
    assert.ok((known as { services?: object }).services);
    assert.ok(!told(known));
  });

  it("reach the database, the Job and the services by reference", () => {
    const variables = clusterObjects(recording).flatMap(({ kind, object, inputs }) => {
      if (!["Deployment", "StatefulSet", "Job"].includes(kind)) return [];
      const { spec } = inputs as { spec: { template: { spec: { containers: { env: Variable[] }[] } } } };
      return spec.template.spec.containers
        .flatMap(({ env }) => env)
        .filter(({ name }) => /PASSWORD|PWD/.test(name))
        .map(({ name, ...source }) => [object, name, source]);
    });
    const of = (name: string) => ({ valueFrom: { secretKeyRef: { name, key: "password" } } });
    assert.deepEqual(variables.sort(), [
      ["ftgo-consumer-service", "SPRING_DATASOURCE_PASSWORD", of("ftgo-db-secret")],
      ["ftgo-mysql", "MYSQL_PASSWORD", of("ftgo-mysql-admin")],
      ["ftgo-mysql", "MYSQL_ROOT_PASSWORD", of("ftgo-mysql-admin")],
      [`ftgo-mysql-login-${tag}`, "LOGIN_PASSWORD", of("ftgo-mysql-login")],
      [`ftgo-mysql-login-${tag}`, "MYSQL_PWD", of("ftgo-mysql-admin")],
      ["ftgo-restaurant-service", "SPRING_DATASOURCE_PASSWORD", of("ftgo-db-secret")],
    ]);
  });

  /** What tells one login from another: the Job's name, the user's, and what rolls the pods. */
  const traces = (run: Recording) => {
    const { stringData } = run.get("database/secret").inputs as { stringData: { value: { username: string } } };
    const { metadata } = run.get("database/login").inputs as { metadata: { name: string } };
    const annotations = readers.map((name) => {
      const { spec } = run.get(name).inputs as unknown as Pods;
      return spec.template.metadata.annotations["ftgo/database-login"] ?? "";
    });
    return [metadata.name, stringData.value.username, ...annotations].map((text) => text.replace(/^.*[-_]/, ""));
  };

  it("make the same login every time, and another one when either changes: it rolls the pods", async () => {
    assert.deepEqual(new Set(traces(recording)), new Set([tag]));
    assert.deepEqual(traces(await runWith(password)), traces(recording));
    for (const other of [await runWith("another"), await runWith(password, "another")]) {
      const [first = "", ...rest] = traces(other);
      assert.match(first, /^[0-9a-f]{8}$/);
      assert.notEqual(first, tag);
      assert.deepEqual(new Set(rest), new Set([first]));
    }
  });

  it("are asked for when they are missing, and the program registers nothing", async () => {
    const secrets = { databaseAdminPassword: adminPassword };
    const error = await runProgram({ secrets }).catch((thrown: unknown) => thrown);
    assert.ok(pulumi.RunError.isInstance(error));
    assert.equal(
      error.message,
      `config of stack test: 1 problem; nothing was changed\n  ftgo:secrets.databasePassword is missing; ${encrypt("databasePassword", "test")}`,
    );
  });
});

interface Variable {
  readonly name: string;
  readonly [source: string]: unknown;
}

interface Pods {
  readonly spec: {
    readonly template: { readonly metadata: { readonly annotations: Readonly<Record<string, string>> } };
  };
}
