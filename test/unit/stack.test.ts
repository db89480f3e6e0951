import { strict as assert } from "node:assert";
import * as pulumi from "@pulumi/pulumi";
import { readStack, type Stack } from "../../components";
import { record, valueOf } from "./aws-mocks";
import { encrypt } from "./refusals";

const cluster = '{"kind":"embedded"}';
const services = '{"shop":{"image":"example/shop:1"}}';
const secrets = '{"databasePassword":"hunter2","databaseAdminPassword":"hunter3"}';

/** What the program reads of a stack's config, given as Pulumi's engine hands it over. */
async function read(config: Record<string, string>, secretKeys: string[] = []): Promise<Stack> {
  const read: Stack[] = [];
  await record(() => {
    const all = Object.entries({ cluster, services, secrets, ...config });
    pulumi.runtime.setAllConfig(
      Object.fromEntries(all.map(([key, value]) => [`ftgo:${key}`, value])),
      ["secrets", ...secretKeys].map((key) => `ftgo:${key}`),
    );
    read.push(readStack());
  });
  return read[0] ?? assert.fail();
}

/** The lines of the error that a config is refused with; what a person has done wrong has no stack trace. */
async function refusal(config: Record<string, string>, secretKeys?: string[]): Promise<string[]> {
  const error = await read(config, secretKeys).catch((thrown: unknown) => thrown);
  assert.ok(pulumi.RunError.isInstance(error), String(error));
  return error.message.split("\n");
}

describe("a stack's config in the program", () => {
  it("is the model, and beside it the passwords, which are secrets to Pulumi", async () => {
    const { environment, secrets: own } = await read({});
    assert.deepEqual(
      environment.services.map(({ key }) => key),
      ["shop"],
    );
    assert.ok(!JSON.stringify(environment).includes("hunter2"));
    const values = [own.databasePassword, own.databaseAdminPassword];
    assert.deepEqual(await Promise.all(values.map(valueOf)), ["hunter2", "hunter3"]);
    assert.deepEqual(await Promise.all(values.map((value) => pulumi.isSecret(value))), [true, true]);
  });

  it('takes `pinnedImages: "true"`, which is what `pulumi config set` writes', async () => {
    const pinned = { pinnedImages: "true", dataStores: '{"mysql":{"image":"mysql:8.4"}}' };
    assert.deepEqual(await refusal({ ...pinned, services: '{"shop":{"image":"example/shop"}}' }), [
      "config of stack test: 1 problem; nothing was changed",
      "  ftgo:services.shop.image is example/shop, which can change under its name; give a fixed tag or a digest " +
        "(pinnedImages is on)",
    ]);
    assert.ok(await read(pinned));
  });

  it("is refused before the first resource when a secret is in plain text, without showing it", async () => {
    const lines = await record(() => {
      pulumi.runtime.setAllConfig({ "ftgo:cluster": cluster, "ftgo:services": services, "ftgo:secrets": secrets });
      readStack();
    }).catch((error: unknown) => (error as Error).message.split("\n"));
    assert.deepEqual(lines, [
      "config of stack test: 2 problems; nothing was changed",
      `  ftgo:secrets.databasePassword is not encrypted; ${encrypt("databasePassword", "test")}`,
      `  ftgo:secrets.databaseAdminPassword is not encrypted; ${encrypt("databaseAdminPassword", "test")}`,
    ]);
  });

  it("is refused when something else is encrypted, without showing it", async () => {
    assert.deepEqual(await refusal({ services: '{"shop":{"image":"hunter2"}}' }, ["services"]), [
      "config of stack test: 1 problem; nothing was changed",
      "  ftgo:services.shop.secure holds an encrypted value; such values have their place under ftgo:secrets alone",
    ]);
    assert.deepEqual(await refusal({ namespace: "Hunter2" }, ["namespace"]), [
      "config of stack test: 1 problem; nothing was changed",
      "  ftgo:namespace is an encrypted value; give a text",
    ]);
  });

  it("is refused as any other when a value only looks like JSON", async () => {
    assert.deepEqual(await refusal({ namespace: "[ftgo" }), [
      "config of stack test: 1 problem; nothing was changed",
      "  ftgo:namespace is \"[ftgo\"; use lower-case letters, digits and '-', 63 characters at most",
    ]);
  });
});
