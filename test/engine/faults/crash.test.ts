import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "../cluster-lab";
import type { Platform } from "../platform-lab";
import { Running } from "../running";
import { items, Services } from "../services-lab";
import { platform } from "../shared-platform";

/** How often the command is cut off: 10 are the ten moments, 30 are all of them in all three ways. */
const cuts = Number(process.env["FTGO_RUNS"] ?? 10);

describe("An update that is cut off", () => {
  let lab: Platform;
  let row: Services;

  const locks = () => {
    const folder = join(lab.dir, ".ftgo", "backend", ".pulumi", "locks", "organization", "ftgo", row.name);
    return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".json")) : [];
  };

  /** What is seen of it from outside, in the order in which that happens. */
  const moments: [when: string, seen: (run: Running) => Promise<unknown>][] = [
    ["it begins", (run) => once(run.child, "spawn")],
    ["it has taken the lock", (run) => until("there is a lock", () => run.isOver || locks().length > 0)],
    ...items.map((name): (typeof moments)[number] => [
      `it has changed ${name}`,
      (run) => run.says(`updated ConfigMap ${name}`),
    ]),
    ["it has made an object", (run) => run.says("created ConfigMap")],
    [
      "it has given the lock back",
      async (run) => {
        await run.says("created ConfigMap");
        await until("there is no lock", () => run.isOver || locks().length === 0);
      },
    ],
    ["it has told what it did", (run) => run.says("1 created")],
  ];

  const ways: [what: string, cut: (run: Running) => void][] = [
    ["kill -9", ({ child }) => child.kill("SIGKILL")],
    // A terminal sends it to the whole group.
    ["Ctrl-C", ({ child }) => process.kill(-(child.pid ?? 0), "SIGINT")],
    ["kill -9 of it and of its engine", killBoth],
  ];

  const images = ({ name }: { readonly name: string }) =>
    lab.kubectl("get", "deployments", "-n", name, "-o", "jsonpath={.items[*].spec.template.spec.containers[0].image}");

  before(async () => {
    lab = await platform();
    row = await Services.open(lab, "cut-off", "row");
    row.setRow("s:1");
    await row.project.up({ refresh: false });
  });

  let cutOff = 0;
  for (let n = 0; n < cuts; n += 1) {
    const [when, seen] = moments[n % moments.length] ?? assert.fail();
    const [way, cut] = ways[n % ways.length] ?? assert.fail();
    it(`by ${way} when ${when}, is finished by the same command (promise 4)`, async () => {
      const before = await row.row();
      const image = `s:${n + 2}`;
      const names = [...before.map(({ metadata }) => metadata.name), `new-${n}`];
      row.setRow(image, names);
      const run = row.ftgoUp();
      await seen(run);
      if (!run.isOver) cut(run);
      if ((await run.end()) !== 0) cutOff += 1;
      const again = row.ftgoUp();
      assert.equal(await again.end(), 0, `${run.said}\n${again.said}`);
      const now = new Map((await row.row()).map((object) => [object.metadata.name, object]));
      assert.deepEqual([...now.keys()].sort(), names.sort());
      for (const { metadata, data } of now.values()) assert.equal(data.image, image, metadata.name);
      for (const { metadata } of before) assert.equal(now.get(metadata.name)?.metadata.uid, metadata.uid, "made anew");
    });
  }

  it("has a state that tells what is there, and was cut off more often than not", async () => {
    await row.pulumi(["up", "--yes", "--skip-preview", "--refresh", "--expect-no-changes"]);
    assert.deepEqual(locks(), []);
    assert.ok(cutOff > cuts / 2, `${cutOff} of ${cuts}`);
  });

  it("by kill -9 while it waits for pods, does not go on alone: the same command ends it first (promise 4)", async () => {
    const shop = await Services.open(lab, "waiting");
    shop.set({ "services.shop": { image: "s:1" } });
    const nodes = (await lab.list("nodes")).map(({ metadata }) => metadata.name);
    await lab.kubectl("cordon", ...nodes);
    try {
      const run = shop.ftgoUp();
      await until("a pod waits", async () => (await lab.list("pods", "-n", shop.name)).length > 0);
      const [engine] = childrenOf(run.child);
      run.child.kill("SIGKILL");
      await run.end();
      const again = shop.ftgoUp();
      await again.says("in order first");
      assert.match(again.said, new RegExp(`was killed: it is stopped in order first \\(process ${engine}\\)`));
      await lab.kubectl("uncordon", ...nodes);
      assert.equal(await again.end(), 0, again.said);
    } finally {
      await lab.kubectl("uncordon", ...nodes);
    }
  });

  it("by kill -9 while it makes what is then not wanted any more, leaves it to a person (promise 4)", async () => {
    const shop = await Services.open(lab, "stranded");
    shop.set({ "services.shop": { image: "s:1" } });
    await shop.project.up({ refresh: false });
    shop.set({ "services.extra": { image: "s:missing" } });
    const run = shop.ftgoUp();
    await until("its pod waits", async () => run.isOver || (await images(shop)).includes("s:missing"));
    killBoth(run);
    await run.end();
    shop.set({ "services.extra": undefined });
    const again = shop.ftgoUp();
    assert.equal(await again.end(), 0, again.said);
    const command = /which the stack file does not name any more; .*: kubectl (delete Deployment\.apps extra .*)/;
    const [, args = ""] = command.exec(again.said) ?? assert.fail(again.said);
    assert.equal(await images(shop), "s:missing s:1", "it may be somebody else's");
    await lab.kubectl(...args.split(" "));
    const { said } = await ended(shop.ftgo("up", "--yes"));
    assert.doesNotMatch(said, /was killed/);
    assert.doesNotMatch((await ended(shop.ftgo("up", "--yes", "--no-refresh"))).said, /pending operations/);

    async function ended(command: string[]): Promise<Running> {
      const next = new Running(command, { env: { ...process.env, ...shop.variables } });
      assert.equal(await next.end(), 0, next.said);
      return next;
    }
  });

  const [, stopped = assert.fail(), killed = assert.fail()] = ways;
  const helms = [
    [stopped, killed],
    [killed, stopped],
  ] as const;
  for (const [index, [install, upgrade]] of (cuts > 10 ? helms : helms.slice(0, 1)).entries()) {
    it(`by ${install[0]} while Helm installs, by ${upgrade[0]} while it upgrades, is finished by the same command (promise 4)`, async () => {
      const shop = await Services.open(lab, `helm-${index}`, "release");
      const mesh = { name: `helm-${index}-mesh` };
      shop.set({ "mesh.namespace": mesh.name });
      const nodes = (await lab.list("nodes")).map(({ metadata }) => metadata.name);
      for (const [image, [, cut]] of [["s:1", install] as const, ["s:2", upgrade] as const]) {
        shop.set({ "services.shop": { image } });
        await lab.kubectl("cordon", ...nodes);
        try {
          const run = shop.ftgoUp();
          await until("Helm waits for a pod", async () => run.isOver || (await images(mesh)) === image);
          assert.ok(!run.isOver, run.said);
          cut(run);
          await run.end();
        } finally {
          await lab.kubectl("uncordon", ...nodes);
        }
        const again = shop.ftgoUp();
        assert.equal(await again.end(), 0, again.said);
        const records = await lab.list("secrets", "-n", mesh.name, "-l", "owner=helm");
        const newest = records
          .sort((a, b) => Number(a.metadata.labels?.["version"]) - Number(b.metadata.labels?.["version"]))
          .at(-1);
        assert.deepEqual([await images(mesh), newest?.metadata.labels?.["status"]], [image, "deployed"], again.said);
      }
    });
  }

  it("by Ctrl-C while it waits for pods, is taken back by a rollback, though the state does not say what it has done", async () => {
    const shop = await Services.open(lab, "stopped");
    shop.set({ "services.shop": { image: "s:1" } });
    await shop.project.up({ refresh: false });
    shop.set({ "services.shop.image": "s:missing" });
    const run = shop.ftgoUp();
    await until("the Deployment has the image that cannot be pulled", async () => (await images(shop)) === "s:missing");
    process.kill(-(run.child.pid ?? 0), "SIGINT");
    assert.equal(await run.end(), 130, run.said);
    const { changes, edited } = await shop.project.rollback("shop");
    assert.deepEqual([await images(shop), edited], ["s:1", ["services.shop"]]);
    assert.deepEqual(
      changes.map(({ name }) => name),
      ["shop/deployment"],
    );
  });
  it("by kill -9 before it could write down a promotion, is taken back by a rollback all the same", async () => {
    await lab.ensureUp();
    const shop = await Services.open(lab, "forgotten");
    const versions = { v1: { image: "s:1" }, v2: { image: "s:2" } };
    shop.set({ "services.shop": { versions, stable: "v1", canary: { version: "v2", weight: 0 } } });
    await shop.project.up({ refresh: false });
    const state = join(shop.dir, "state.json");
    await shop.pulumi(["stack", "export", "--file", state]);
    await shop.project.promote("shop", { weight: 5 });
    await shop.pulumi(["stack", "import", "--file", state]);
    await shop.project.rollback("shop");
    const weights = "jsonpath={.spec.http[*].route[*].weight}";
    assert.equal(await lab.kubectl("get", "virtualservice", "shop", "-n", shop.name, "-o", weights), "100");
  });
});

function killBoth({ child }: Running): void {
  for (const pid of childrenOf(child)) process.kill(pid, "SIGKILL");
  child.kill("SIGKILL");
}

function childrenOf({ pid = 0 }: { readonly pid?: number | undefined }): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
  return text === "" ? [] : text.split(" ").map(Number);
}
