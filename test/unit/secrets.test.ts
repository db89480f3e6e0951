import { strict as assert } from "node:assert";
import * as pulumi from "@pulumi/pulumi";
import { type Recording, valueOf } from "./aws-mocks";
import { clusterObjects, password, runProgram } from "./ftgo-program";

const base64 = Buffer.from(password).toString("base64");
// How Pulumi writes a secret down on the wire, `value` being what is to be encrypted.
const secretMark = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };

describe("the database password", () => {
  let recording: Recording;
  let outputs: unknown;
  before(async () => (recording = await runProgram({}, (given) => (outputs = given))));

  const told = (value: unknown) => [password, base64].some((text) => JSON.stringify(value).includes(text));

  it("is in the Secret, beside the user's name, and is a secret to Pulumi there", () => {
    const { inputs } = recording.get("database/secret");
    const { name, namespace } = inputs["metadata"] as Record<string, string>;
    assert.deepEqual([name, namespace, inputs["type"]], ["ftgo-db-secret", "ftgo", "Opaque"]);
    assert.deepEqual(inputs["stringData"], { ...secretMark, value: { username: "mysqluser", password } });
    const { stringData, ...rest } = inputs;
    assert.ok(stringData && !told(rest));
  });

  it("is in no other input of any resource", () => {
    const resources = recording.all.filter(({ inputs }) => told(inputs)).map(({ name }) => name);
    assert.deepEqual(resources, ["database/secret"]);
  });

  it("is in no name, and in no output of the program", async () => {
    assert.ok(!told(recording.all.map(({ urn, dependsOn }) => [urn, dependsOn])));
    const known = await valueOf(pulumi.output(outputs));
    assert.ok((known as { services?: object }).services);
    assert.ok(!told(known));
  });

  it("reaches the database and the services by reference", () => {
    const variables = clusterObjects(recording).flatMap(({ kind, object, inputs }) => {
      if (kind !== "Deployment" && kind !== "StatefulSet") return [];
      const { spec } = inputs as { spec: { template: { spec: { containers: { env: Variable[] }[] } } } };
      return spec.template.spec.containers
        .flatMap(({ env }) => env)
        .filter(({ name }) => name.endsWith("_PASSWORD") && !name.includes("RANDOM"))
        .map(({ name, ...source }) => [object, name, source]);
    });
    const source = { valueFrom: { secretKeyRef: { name: "ftgo-db-secret", key: "password" } } };
    assert.deepEqual(variables.sort(), [
      ["ftgo-consumer-service", "SPRING_DATASOURCE_PASSWORD", source],
      ["ftgo-mysql", "MYSQL_PASSWORD", source],
      ["ftgo-restaurant-service", "SPRING_DATASOURCE_PASSWORD", source],
    ]);
  });

  it("rolls the pods that use it when it changes, by what Kubernetes calls the Secret's version", () => {
    for (const name of ["restaurant/deployment", "consumer/deployment"]) {
      const { spec } = recording.get(name).inputs as {
        spec: { template: { metadata: { annotations: Record<string, string> } } };
      };
      assert.equal(spec.template.metadata.annotations["ftgo/database-secret"], "resource-version");
    }
  });

  it("is asked for by one message when it is missing, and the program registers nothing", async () => {
    const error = await runProgram({ secrets: {} }).catch((thrown: unknown) => thrown);
    assert.ok(pulumi.RunError.isInstance(error));
    assert.equal(
      error.message,
      "config of stack test: 1 problem; nothing was changed\n  ftgo:secrets.databasePassword is missing; run " +
        "`pulumi config set --stack <this stack> --secret --path secrets.databasePassword`",
    );
  });
});

interface Variable {
  readonly name: string;
  readonly [source: string]: unknown;
}
