import { strict as assert } from "node:assert";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { rawStack } from "./aws-mocks";
import { compare } from "./fields";
import { type ClusterObject, clusterObjects, ftgo } from "./ftgo-program";
import { type Addition, additionalObjects, additions } from "./seed-additions";

const folder = join(__dirname, "../seed");

/** The seed's services, with what is said of the canary over it. Nothing else is configured: the defaults are the seed's. */
const services = (canary: object) => ({
  restaurant: {},
  consumer: {
    versions: {
      v1: { image: "msapatterns/ftgo-consumer-service:latest" },
      v2: { image: "ftgo-consumer-service:v2" },
    },
    stable: "v1",
    canary: { version: "v2", ...canary },
  },
  gateway: { expose: { kind: "NodePort" } },
});

const deployed = services({ weight: 0 });
/** Files of the transcription by the state of the release in which the cluster has them. */
const states: [services: object, files: string[]][] = [
  [
    deployed,
    [
      "restaurant-deployment",
      "restaurant-service",
      "gateway-service",
      "consumer-service",
      "consumer-deployment-v1",
      "consumer-deployment-v2",
      "consumer-route-v1",
      "consumer-subsets",
    ],
  ],
  [services({ weight: 0, testers: { header: "testuser" } }), ["consumer-route-testers"]],
  [services({ weight: 5 }), ["consumer-route-canary"]],
];

/** What the mesh sees: it merges the rules of one host, and the policy is that of the rule named after the host. */
function mergeSubsets(objects: ClusterObject[], host: string): object {
  type Rule = { spec: { host: string; subsets?: object[] } } & Record<string, unknown>;
  const rules = objects.filter(({ kind, inputs }) => kind === "DestinationRule" && (inputs as Rule).spec.host === host);
  const named = rules.find(({ object }) => object === host)?.inputs as Rule;
  const others = rules.filter(({ object }) => object !== host).map(({ inputs }) => (inputs as Rule).spec);
  for (const other of others) assert.deepEqual(Object.keys(other).sort(), ["host", "subsets"]);
  return { ...named, spec: { ...named.spec, subsets: others.flatMap(({ subsets = [] }) => subsets) } };
}

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

interface Pair {
  /** `Kind/name` */
  readonly id: string;
  readonly expected: object;
  readonly found: object;
}

/** A file of the transcription and what is registered in its place. */
async function pair(given: object, file: string): Promise<Pair> {
  const expected = parse(readFileSync(join(folder, `${file}.yaml`), "utf8")) as Manifest;
  const objects = clusterObjects(await ftgo({ services: given }));
  const { kind, metadata } = expected;
  const matches = objects.filter((o) => o.kind === kind && o.object === metadata.name);
  const [match] = matches;
  assert.ok(match && matches.length === 1, `${matches.length} objects are ${kind}/${metadata.name}`);
  const found = kind === "DestinationRule" ? mergeSubsets(objects, metadata.name) : match.inputs;
  return { id: `${kind}/${metadata.name}`, expected, found };
}

/** Matches the text itself, where `*` stands for what `star` says. */
function pattern(text: string, star: string): RegExp {
  const parts = text.split("*").map((part) => part.replace(/[.[\]/"]/g, "\\$&"));
  return new RegExp(`^${parts.join(star)}$`);
}

const isOf = (addition: Addition, id: string) => addition.of.some((of) => pattern(of, ".*").test(id));
const matcher = (path: string) => pattern(path, "[^\\[\\]]*");

describe("the seed's YAML", () => {
  const pairs = new Map<string, Pair>();
  const ofFile = (file: string) => pairs.get(file) ?? assert.fail(file);
  before(async () => {
    for (const [given, files] of states) for (const file of files) pairs.set(file, await pair(given, file));
  });

  it("is transcribed in these files", () => {
    const files = readdirSync(folder).filter((name) => name.endsWith(".yaml"));
    assert.deepEqual(files.sort(), [...pairs.keys()].map((name) => `${name}.yaml`).sort());
  });

  for (const file of states.flatMap(([, files]) => files)) {
    describe(file, () => {
      it("is registered, every field of it, with the seed's value", () => {
        const { expected, found } = ofFile(file);
        assert.deepEqual(compare(expected, found).wrong, []);
      });

      it("has beside it what is listed as an addition, and nothing else", () => {
        const { id, expected, found } = ofFile(file);
        const listed = additions.filter((addition) => isOf(addition, id)).flatMap(({ paths }) => paths.map(matcher));
        const unlisted = compare(expected, found).additional.filter((path) => !listed.some((l) => l.test(path)));
        assert.deepEqual(unlisted, [], "list them in seed-additions.ts, with the reason");
      });
    });
  }

  it("gets every addition that is listed, in every object for which it is listed", () => {
    const gone = additions.flatMap((addition) => {
      const objects = [...pairs.values()].filter(({ id }) => isOf(addition, id));
      assert.ok(objects.length > 0, `nothing is ${addition.of.join(" or ")}`);
      // The seed has one object in several states, and what is an addition in one it says itself in another.
      return [...new Set(objects.map(({ id }) => id))].flatMap((id) => {
        const states = objects.filter((object) => object.id === id);
        const additional = states.flatMap(({ expected, found }) => compare(expected, found).additional);
        const missing = addition.paths.filter((path) => !additional.some((present) => matcher(path).test(present)));
        return missing.map((path) => `${id} ${path}`);
      });
    });
    assert.deepEqual(gone, []);
  });

  it("is joined by the objects that are listed, and by no others", async () => {
    const transcribed = new Set([...pairs.values()].map(({ id }) => id));
    const all = clusterObjects(await ftgo({ services: deployed })).map(({ kind, object }) => `${kind}/${object}`);
    const others = all.filter((id) => !transcribed.has(id));
    assert.deepEqual(others.sort(), Object.values(additionalObjects).flat().sort());
  });

  it("differs in stack local in how long a probe waits, and in nothing else", async () => {
    const local = rawStack("local.example")["services"] as object;
    const wrong = await Promise.all(
      [
        "restaurant-deployment",
        "restaurant-service",
        "consumer-service",
        "consumer-deployment-v1",
        "consumer-route-v1",
      ].map(async (file) => {
        const { expected, found } = await pair(local, file);
        return compare(expected, found).wrong.map(({ path }) => `${file} ${path.replace(/^.*\]\./, "")}`);
      }),
    );
    const numbers = ["livenessProbe", "readinessProbe"].flatMap((probe) => [
      `${probe}.initialDelaySeconds`,
      `${probe}.periodSeconds`,
    ]);
    const deployments = ["restaurant-deployment", "consumer-deployment-v1"];
    assert.deepEqual(
      wrong.flat(),
      deployments.flatMap((file) => numbers.map((path) => `${file} ${path}`)),
    );
  });
});
