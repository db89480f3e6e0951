import { strict as assert } from "node:assert";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { ConfigError, parseStackConfig, stackFileSchema } from "../../components/config";
import { rawStack, stack } from "./aws-mocks";

const folder = join(__dirname, "../../stacks");
const committed = ["dev", "staging", "prod", "local.example"];
const read = (file: string) => readFileSync(join(folder, file), "utf8");

describe("stacks/schema.json", () => {
  it("is what the config's schema gives; `npm run schema` writes it", () => {
    assert.deepEqual(JSON.parse(read("schema.json")), JSON.parse(JSON.stringify(stackFileSchema())));
  });

  it("describes every key of a cluster", () => {
    const missing: string[] = [];
    const walk = (node: unknown, path: string) => {
      const { properties = {}, oneOf = [] } = node as { properties?: Record<string, unknown>; oneOf?: unknown[] };
      for (const option of oneOf) walk(option, path);
      for (const [key, value] of Object.entries(properties)) {
        if (key !== "kind" && (value as { description?: string }).description === undefined)
          missing.push(`${path}.${key}`);
        walk(value, `${path}.${key}`);
      }
    };
    const { properties } = stackFileSchema() as { properties: { config: { properties: Record<string, unknown> } } };
    walk(properties.config.properties["ftgo:cluster"], "cluster");
    assert.deepEqual(missing, []);
  });
});

describe("committed stack files", () => {
  it("are these", () => {
    const files = readdirSync(folder).filter((name) => name.endsWith(".yaml") && name !== "Pulumi.local.yaml");
    assert.deepEqual(files.sort(), committed.map((name) => `Pulumi.${name}.yaml`).sort());
  });

  for (const name of committed) {
    describe(name, () => {
      const text = read(`Pulumi.${name}.yaml`);
      const file = parse(text) as { config: Record<string, unknown>; secretsprovider?: string };

      it("is found by editors, and has no default providers", () => {
        assert.ok(text.startsWith("# yaml-language-server: $schema=./schema.json\n"));
        assert.deepEqual(file.config["pulumi:disable-default-providers"], ["*"]);
      });

      it("is whole but for its passwords", () => {
        assert.equal(stack(name).services.length, 3);
        const { secrets, ...rest } = rawStack(name);
        assert.ok(secrets);
        assert.throws(
          () => parseStackConfig(rest, name),
          (error) => {
            assert.ok(error instanceof ConfigError);
            const paths = error.problems.map(({ path }) => path);
            assert.deepEqual(paths, ["ftgo:secrets.databasePassword", "ftgo:secrets.databaseAdminPassword"]);
            return true;
          },
        );
      });

      it("holds no secret", () => {
        assert.equal(file.config["ftgo:secrets"], undefined);
        assert.doesNotMatch(text, /^\s*(secure|encryptedkey|encryptionsalt):/m);
      });

      if (name === "local.example") return;

      it("names where its state is and what encrypts its secrets, and tells how to set the passwords", () => {
        assert.equal(file.config["ftgo:backend"], `s3://example-ftgo-${name}-state?region=eu-central-1`);
        assert.equal(file.secretsprovider, `awskms://alias/ftgo-${name}-secrets?region=eu-central-1`);
        for (const secret of ["databasePassword", "databaseAdminPassword"])
          assert.ok(text.includes(`pulumi config set --secret --path 'secrets.${secret}' --stack ${name}`));
      });

      it("shares no network with another stack", () => {
        const cidrs = ["dev", "staging", "prod"].map((other) => {
          const { cluster } = stack(other);
          return cluster.kind === "eks" ? cluster.vpcCidr : undefined;
        });
        assert.equal(new Set(cidrs).size, 3);
      });
    });
  }

  it("take fixed images in staging and prod", () => {
    for (const name of ["staging", "prod"]) assert.equal(rawStack(name)["pinnedImages"], true, name);
  });

  it("differ in the cluster as the environments do", () => {
    const clusters = ["dev", "staging", "prod"].map((name) => {
      const { cluster } = stack(name);
      assert.ok(cluster.kind === "eks");
      const { zones, nat, upgradePolicy, nodes, logs, encryption, deletionProtection } = cluster;
      const { capacity, min, desired, max, diskGiB } = nodes;
      const values = [zones.length, nat, upgradePolicy, capacity, min, desired, max, diskGiB, logs.retentionDays];
      return [...values, encryption?.keyDeletionDays ?? "none", deletionProtection].join(" ");
    });
    assert.deepEqual(clusters, [
      "2 single standard spot 2 3 4 50 7 none false",
      "3 single standard on-demand 2 3 6 50 30 7 false",
      "3 perZone extended on-demand 3 3 9 80 90 30 true",
    ]);
  });

  it("local asks for no more than three nodes of 8 CPUs and 16 GiB have", () => {
    const milli = (cpu = "250m") => (cpu.endsWith("m") ? parseInt(cpu) : 1000 * Number(cpu));
    const pods = stack("local.example").services.flatMap(({ resources, versions }) =>
      versions.map(({ replicas }) => ({ resources, pods: typeof replicas === "number" ? replicas : replicas.max })),
    );
    const cpu = pods.reduce((sum, { resources, pods: n }) => sum + n * milli(resources.requests.cpu), 0);
    // Half of it is left for the mesh, the data stores, the sidecars, and a rollout's second set.
    assert.ok(cpu <= (3 * 8000) / 2, `${cpu}m`);
  });
});
