import { strict as assert } from "node:assert";
import type { StepTraffic } from "../../automation/commands/demo-traffic";
import { renderDemoEnd, renderStep } from "../../automation/commands/render-demo";
import { styles } from "../../automation/terminal/text";

const style = styles(false);
const good: StepTraffic = {
  ...{ requests: 40, lost: 0, reasons: {}, p50Ms: 3, p99Ms: 21 },
  users: { v1: 19, v2: 1 },
  testers: { v2: 4 },
};
const service = { key: "consumer", name: "ftgo-consumer-service", versions: [], differences: [] };
const step = (traffic?: StepTraffic) => ({
  title: "",
  edit: "canary.weight: 5",
  durationMs: 1900,
  service,
  ...(traffic && { traffic }),
});
const end = (traffic?: StepTraffic) => renderDemoEnd({ steps: [step(traffic)], traffic, totalMs: 41_000 }, style);

describe("What the demo shows", () => {
  it("of a step is who answered users and testers, how fast, and how many requests were lost", () => {
    assert.equal(
      renderStep(step(good), style),
      "  canary.weight: 5  1.9 s\n" +
        "    40 requests: users v1 95 %, v2 5 %; testers v2 100 %; p50 3 ms, p99 21 ms; 0 lost\n",
    );
  });

  it("at the end is a table of the steps, and what was lost of what was sent", () => {
    assert.match(
      end(good),
      /step +update +requests .* lost\n +canary\.weight: 5 +1\.9 s +40 .* 0\n\n✓ requests lost: 0 of 40\n/,
    );
  });

  it("of lost requests is why, the most frequent reasons first, and no more than a few", () => {
    const reasons = { a: 1, b: 1, c: 1, d: 1, EOF: 2, "503 Service Unavailable": 9, e: 1 };
    const text = end({ ...good, lost: 16, reasons });
    assert.match(text, /✗ requests lost: 16 of 40\n {2}9 × 503 Service Unavailable\n {2}2 × EOF\n {2}1 × a\n/);
    assert.match(text, /1 × c\n {2}and 2 more reasons; --json has them all\n/);
  });

  it("says nothing of requests where none were sent", () => {
    assert.doesNotMatch(renderStep(step(), style) + end(), /requests|lost:/);
  });
});
