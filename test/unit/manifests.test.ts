import { strict as assert } from "node:assert";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { printManifests, serviceManifests } from "../../automation/manifests";
import { findService } from "../../automation/release";
import { readStackFile, toEnvironment } from "../../automation/stack-file";

const program = `
const pulumi = require("@pulumi/pulumi");
const k8s = require("@pulumi/kubernetes");
module.exports = async () => {
  const config = new pulumi.Config("ftgo");
  const secrets = config.requireSecretObject("secrets");
  const metadata = { name: "x", namespace: config.require("namespace") };
  new k8s.core.v1.ConfigMap("ftgo-consumer-service/config", { metadata, data: { a: "1" } });
  new k8s.core.v1.Secret("ftgo-consumer-service/login", { metadata, stringData: { password: secrets.databasePassword } });
  new k8s.core.v1.Secret("ftgo-consumer-service/login64", {
    metadata,
    data: { password: secrets.databasePassword.apply((text) => Buffer.from(text).toString("base64")) },
  });
  const { env } = config.requireObject("services").consumer;
  new k8s.core.v1.ConfigMap("ftgo-consumer-service/order", { metadata, data: { order: Object.keys(env).join() } });
  const login = pulumi.unsecret(secrets.databasePassword.apply((text) => text.slice(-8)));
  const template = { metadata: { annotations: { "ftgo/database-login": login, a: "1" } }, spec: {} };
  new k8s.apps.v1.Deployment("ftgo-consumer-service/deployment", { metadata, spec: { template } });
  new k8s.core.v1.ConfigMap("ftgo-restaurant-service/config", { metadata });
};`;
const stackFile = `config:
  ftgo:cluster: { kind: embedded }
  ftgo:namespace: ftgo
  ftgo:services: { consumer: { env: { HOST: db, ADDRESS: "http://$(HOST)" } } }
  ftgo:secrets: { databasePassword: { secure: v1:x }, databaseAdminPassword: { secure: v1:y } }
`;

describe("ftgo manifests", () => {
  let projectDir: string;
  before(() => {
    projectDir = mkdtempSync(join(tmpdir(), "ftgo-test-"));
    mkdirSync(join(projectDir, "stacks"));
    symlinkSync(join(__dirname, "..", "..", "node_modules"), join(projectDir, "node_modules"));
    writeFileSync(join(projectDir, "index.js"), program);
    writeFileSync(join(projectDir, "stacks", "Pulumi.mine.yaml"), stackFile);
  });
  after(() => rmSync(projectDir, { recursive: true }));

  it("prints one service's objects, and none with a secret value (promise 3)", async () => {
    const file = readStackFile(projectDir, "mine");
    const manifests = await serviceManifests(projectDir, file, findService(toEnvironment(file), "consumer"));
    const metadata = { name: "x", namespace: "ftgo" };
    const spec = { template: { metadata: { annotations: { a: "1" } }, spec: {} } };
    assert.deepEqual(manifests, {
      objects: [
        { apiVersion: "v1", kind: "ConfigMap", metadata, data: { a: "1" } },
        // As the engine hands them on: applied with kubectl, another order would roll pods.
        { apiVersion: "v1", kind: "ConfigMap", metadata, data: { order: "ADDRESS,HOST" } },
        { apiVersion: "apps/v1", kind: "Deployment", metadata, spec },
      ],
      withheld: ["Secret x", "Secret x"],
    });
    const text = printManifests(manifests);
    assert.doesNotMatch(text, /withheld-|encrypted/);
    assert.match(text, /^# Secret x is left out: it holds secret values/);
    assert.deepEqual(
      parseAllDocuments(text).map((document) => document.toJS() as unknown),
      manifests.objects,
    );
  });
});
