import { strict as assert } from "node:assert";
import type { RunResult } from "../../automation/engine";
import type { Change, Progress } from "../../automation/engine-events";
import { progressView } from "../../automation/terminal/progress";
import { renderRun } from "../../automation/terminal/render";
import type { Terminal } from "../../automation/terminal/terminal";
import { styles, table } from "../../automation/terminal/text";

const change = (name: string, operation: Change["operation"], ...properties: string[]): Change => ({
  name,
  type: "kubernetes:apps/v1:Deployment",
  operation,
  properties,
});
const result = (more: Partial<RunResult>): RunResult => ({
  changes: [],
  drifted: [],
  outputs: {},
  durationMs: 1234,
  ...more,
});
const render = (more: Partial<RunResult>, preview = false) => renderRun(result(more), styles(false), preview);

describe("The result of an update", () => {
  it("without changes is one line", () => assert.equal(render({}), "no changes (1.2 s)\n"));

  it("names every change and what differs", () => {
    const changes = [change("consumer/v2", "create"), change("consumer/route", "update", "a", "b", "c", "d")];
    assert.equal(
      render({ changes }),
      "  + consumer/v2  Deployment\n  ~ consumer/route  Deployment: a, b, c and 1 more\n1 created, 1 updated (1.2 s)\n",
    );
  });

  it("of a preview is in the future", () => {
    assert.match(render({ changes: [change("x", "delete")] }, true), /- x {2}Deployment\n1 to be deleted/);
  });

  it("shows what was changed by hand, and whether it was put right (F8)", () => {
    const drifted = [change("a", "update", "spec.replicas"), change("b", "delete"), change("c", "update", "image")];
    const changes = [change("a", "update"), change("b", "create")];
    const shown = render({ drifted, changes });
    assert.match(
      shown,
      /! a: spec\.replicas {2}\(put right\)\n {2}! b: deleted {2}\(put right\)\n {2}! c: image {2}\(left as it is\)/,
    );
    assert.match(render({ drifted, changes }, true), /! a: spec\.replicas {2}\(to be put right\)/);
  });
});

describe("Progress", () => {
  function shown(live: boolean, ...progress: Progress[]): string {
    let text = "";
    const terminal: Terminal = {
      out: () => assert.fail("progress is not for stdout"),
      err: (more) => void (text += more),
      live,
      color: false,
      confirm: () => Promise.resolve(undefined),
    };
    const view = progressView(terminal);
    for (const each of progress) view.show(each);
    view.end();
    return text;
  }
  const work = { name: "consumer/v2", type: "kubernetes:apps/v1:Deployment", operation: "create" } as const;

  it("elsewhere than on a terminal is a line for everything that is done, and no control characters", () => {
    const text = shown(
      false,
      { kind: "started", ...work },
      { kind: "message", severity: "info", name: work.name, type: work.type, text: "0 of 1 pods ready" },
      { kind: "message", severity: "warning", name: work.name, type: work.type, text: "slow" },
      { kind: "done", ...work, durationMs: 1500 },
      { kind: "failed", ...work, durationMs: 900 },
      { kind: "done", ...work, operation: "refresh", durationMs: 10 },
      { kind: "notice", text: "cleared the lock" },
    );
    assert.equal(
      text,
      "  warning: consumer/v2: slow\n  created Deployment consumer/v2 (1.5 s)\n  failed: Deployment consumer/v2 (0.9 s)\n  cleared the lock\n",
    );
  });

  it("on a terminal draws over its lines, keeps what matters, and leaves nothing else", () => {
    const text = shown(
      true,
      { kind: "started", ...work },
      { kind: "notice", text: "cleared the lock" },
      { kind: "done", ...work, durationMs: 1 },
    );
    assert.match(text, /cleared the lock\n/);
    assert.match(text, /\x1b\[\d+F\x1b\[J$/);
  });

  it("on a terminal shows what the engine last said of what is under way, until that has failed", () => {
    const text = shown(
      true,
      { kind: "started", ...work },
      { kind: "message", severity: "info", name: work.name, type: work.type, text: "0 of 1 pods ready" },
      { kind: "notice", text: "cleared the lock" },
      { kind: "failed", ...work, durationMs: 900 },
    );
    const [told = "", failed = ""] = text.split("\x1b[J").slice(-3);
    assert.match(told, /creating Deployment consumer\/v2 .*0 of 1 pods ready/);
    assert.match(failed, /failed: Deployment consumer\/v2 \(0\.9 s\)/);
    assert.doesNotMatch(failed, /creating/);
  });
});

describe("A table", () => {
  it("has columns as wide as their text, whatever its colour", () => {
    const { bold } = styles(true);
    assert.equal(
      table([
        ["a", "b"],
        [bold("long"), "c"],
      ]),
      `a     b\n${bold("long")}  c\n`,
    );
  });
});
