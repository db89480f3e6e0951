import { strict as assert } from "node:assert";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import type { DemoResult } from "../../automation/commands/demo";
import type { LocalApi } from "../../automation/commands/context";
import { lazy } from "../../automation/lazy";
import type { Edit } from "../../automation";
import { CommandLine } from "./command-line";

describe("`npm start` where pods are only shown", () => {
  const commandLine = new CommandLine();
  const original = lazy.project;
  /** Without an engine: config is edited, and everything else goes well. */
  class Shown extends original().Project {
    override up() {
      return Promise.resolve({ changes: [], drifted: [], outputs: {}, durationMs: 1, byHand: [] });
    }
    override async change(service: string, edits: readonly Edit[]) {
      this.edit(edits);
      return { ...(await this.up()), service, edited: [] };
    }
    override status() {
      const service = { key: "consumer", name: "consumer", versions: [], differences: [] };
      return Promise.resolve({
        stack: "local",
        cluster: "",
        namespace: "",
        gateway: {},
        services: [service],
        gone: [],
        unready: [],
        byHand: [],
      });
    }
  }
  const status = { running: true, processes: [] };
  const local = {
    bringUp: () => Promise.resolve({}),
    status: () => Promise.resolve(status),
    environment: () => ({}),
    Load: { start: () => assert.fail("a request was sent") },
  } as unknown as LocalApi;

  before(() => {
    lazy.project = () => ({ ...original(), Project: Shown });
    copyFileSync(commandLine.stackPath, join(commandLine.projectDir, "stacks", "Pulumi.local.yaml"));
  });
  after(() => {
    lazy.project = original;
    commandLine.remove();
  });

  it("walks through all steps, sends no requests, and says so", async () => {
    const { code, out, err } = await commandLine.run("demo --json", { local: () => local });
    assert.equal(code, 0, err);
    assert.match(err, /pods are only shown here, so no requests are sent/);
    const demo = JSON.parse(out) as DemoResult;
    assert.equal(demo.steps.length, 9);
    assert.ok([demo, ...demo.steps].every(({ traffic }) => traffic === undefined));
  });
});
