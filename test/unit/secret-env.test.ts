import { strict as assert } from "node:assert";
import { parseStackConfig, secretsAnnotation } from "../../components/config";
import type { Recording } from "./aws-mocks";
import { adminPassword, ftgo, password, runProgram } from "./ftgo-program";
import { encrypt, problems, secrets, type Table, says } from "./refusals";

// How Pulumi writes a secret down on the wire, `value` being what is to be encrypted.
const secretMark = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };
const apiKey = "not-for-everybody's-eyes";

const runWith = (value: string) =>
  runProgram({
    services: { shop: { image: "example/shop:1", env: { COLOUR: "red" } }, cart: { image: "example/cart:1" } },
    secrets: {
      databasePassword: password,
      databaseAdminPassword: adminPassword,
      env: { shop: { API_KEY: value, TOKEN: "7" } },
    },
  });

interface Deployment {
  readonly spec: {
    readonly template: {
      readonly metadata: { readonly annotations: Readonly<Record<string, string>> };
      readonly spec: { readonly containers: readonly { readonly env: readonly { readonly name: string }[] }[] };
    };
  };
}
const podOf = (recording: Recording, name = "shop") =>
  (recording.get(`${name}/deployment`).inputs as unknown as Deployment).spec.template;

describe("A service's secret variables (A4, promise 3)", () => {
  let recording: Recording;
  before(async () => (recording = await runWith(apiKey)));

  it("are in a Secret of its own, and nowhere else", () => {
    const { stringData, metadata } = recording.get("shop/secrets").inputs;
    assert.deepEqual(stringData, { ...secretMark, value: { API_KEY: apiKey, TOKEN: "7" } });
    assert.equal((metadata as { name: string }).name, "shop-secrets");
    const tellers = recording.all.filter(({ inputs }) => JSON.stringify(inputs).includes(apiKey));
    assert.deepEqual(
      tellers.map(({ name }) => name),
      ["shop/secrets"],
    );
    assert.ok(!recording.all.some(({ name }) => name === "cart/secrets"));
  });

  it("reach its pods by reference, once the Secret is there", () => {
    const from = (key: string) => ({ name: "shop-secrets", key, optional: true });
    const variable = (name: string) => ({ name, valueFrom: { secretKeyRef: from(name) } });
    const { env = [] } = podOf(recording).spec.containers[0] ?? {};
    assert.deepEqual(
      env.filter(({ name }) => name !== "COLOUR"),
      [variable("API_KEY"), variable("TOKEN")],
    );
    const { dependsOn } = recording.get("shop/deployment");
    assert.ok(dependsOn.some((urn) => urn.endsWith("::shop/secrets")));
  });

  it("roll its pods when one changes, and no others", async () => {
    const changed = await runWith("another");
    const tags = [recording, changed].map((run) => podOf(run).metadata.annotations[secretsAnnotation]);
    assert.match(tags.join(), /^[0-9a-f]{8},[0-9a-f]{8}$/);
    assert.notEqual(tags[0], tags[1]);
    assert.deepEqual(podOf(changed, "cart"), podOf(recording, "cart"));
  });

  it("take the place of what the platform or a preset would tell", async () => {
    const env = { consumer: { JAVA_OPTS: "-Dkey=7", SPRING_DATASOURCE_URL: "jdbc:mysql://elsewhere" } };
    const secrets = { databasePassword: password, databaseAdminPassword: adminPassword, env };
    const { env: told = [] } = podOf(await runProgram({ secrets }), "ftgo-consumer-service").spec.containers[0] ?? {};
    for (const name of Object.keys(env.consumer)) {
      assert.deepEqual(
        told.filter((each) => each.name === name),
        [{ name, valueFrom: { secretKeyRef: { name: "ftgo-consumer-service-secrets", key: name, optional: true } } }],
      );
    }
  });

  it("leave services without any as they are", async () => {
    const plain = await ftgo();
    assert.ok(!JSON.stringify(plain.all.map(({ inputs }) => inputs)).includes(secretsAnnotation));
  });

  describe("in a stack file", () => {
    const shop = { image: "example/shop:1", env: { COLOUR: "red" } };
    const given = (env: unknown, services: object = { shop }) => ({ services, secrets: { ...secrets, env } });
    const encrypted = { secure: "v1:z" };

    it("are known by their names alone", () => {
      const raw = { cluster: { kind: "embedded" }, ...given({ shop: { TOKEN: encrypted, API_KEY: encrypted } }) };
      assert.deepEqual(parseStackConfig(raw, "test").services[0]?.secretEnv, ["API_KEY", "TOKEN"]);
    });

    says(
      [
        [given({ shop: { KEY: "hunter2" } }), `ftgo:secrets.env.shop.KEY is not encrypted; ${encrypt("env.shop.KEY")}`],
        [given({ shop: "hunter2" }), `ftgo:secrets.env.shop is not encrypted; ${encrypt("env.shop.VARIABLE")}`],
        [given("hunter2"), `ftgo:secrets.env is not encrypted; ${encrypt("env.SERVICE.VARIABLE")}`],
        [
          given({ shop: { "spring.url": "hunter2" } }),
          `ftgo:secrets.env.shop["spring.url"] is not encrypted; ${encrypt('env.shop["spring.url"]', undefined, "'")}`,
        ],
        [
          given({ shpo: { KEY: encrypted } }),
          'ftgo:secrets.env.shpo is not under `services`; did you mean "shop"? Or, if that service is gone: `pulumi config rm --path secrets.env.shpo`',
        ],
        [
          given({ invoices: { KEY: encrypted } }),
          "ftgo:secrets.env.invoices is not under `services`; if that service is gone: `pulumi config rm --path secrets.env.invoices`",
        ],
        [
          given({ shop: { COLOUR: encrypted } }),
          "ftgo:secrets.env.shop.COLOUR stands under `env` too; keep one of the two",
        ],
        [
          given({ shop: { SPRING_DATASOURCE_PASSWORD: encrypted } }, { shop: { image: "s:1", dataStores: true } }),
          "ftgo:secrets.env.shop.SPRING_DATASOURCE_PASSWORD comes from the Secret of the database too; keep one of the two",
        ],
        [
          given({ shop: { "A B": encrypted } }),
          'ftgo:secrets.env.shop["A B"] has a name that cannot be used: ' +
            "use letters, digits, '_', '.' and '-', not starting with a digit",
        ],
      ] satisfies Table,
      problems,
    );
  });
});
