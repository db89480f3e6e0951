import { strict as assert } from "node:assert";
import { describeShares, toTraffic } from "../../automation/commands/demo-traffic";

const answered = (version: string, latencyMs: number, isTester = false) => ({
  code: 200,
  error: "",
  latency: latencyMs * 1e6,
  answer: { version },
  isTester,
});
const failed = (code: number, error: string) => ({ code, error, latency: 1e6, answer: {}, isTester: false });

describe("What the demo says of its requests", () => {
  it("counts as lost what was not answered, or by an error, and says why", () => {
    const step = [answered("v1", 1), failed(503, "503 Service Unavailable"), failed(0, "EOF"), failed(0, "EOF")];
    const { requests, lost, reasons } = toTraffic(step, []);
    assert.deepEqual([requests, lost, reasons], [4, 3, { "503 Service Unavailable": 1, EOF: 2 }]);
  });

  it("names a reason once, whatever port it happened on", () => {
    const refused = (port: number) => failed(0, `Get "http://here": dial tcp 127.0.0.1:${port}->127.0.0.1:80: refused`);
    const { lost, reasons } = toTraffic([refused(1), refused(2), failed(302, "")], []);
    assert.deepEqual([lost, reasons], [3, { refused: 2, 302: 1 }]);
  });

  it("tells users from testers, and the requests after a change from those before", () => {
    const after = [answered("v1", 1), answered("v2", 1), answered("v2", 1, true)];
    const { users, testers } = toTraffic([answered("v1", 1), ...after], after);
    assert.deepEqual([users, testers], [{ v1: 1, v2: 1 }, { v2: 1 }]);
  });

  it("has the latency of all of them", () => {
    const step = Array.from({ length: 100 }, (_, index) => answered("v1", index + 1));
    const { p50Ms, p99Ms } = toTraffic(step, []);
    assert.ok(p50Ms >= 50 && p50Ms <= 51 && p99Ms >= 99, `${p50Ms} ${p99Ms}`);
    assert.deepEqual(toTraffic([], []).p99Ms, 0);
  });

  it("describes shares in percent", () => {
    assert.equal(describeShares({ v1: 95, v2: 5 }), "v1 95 %, v2 5 %");
    assert.equal(describeShares({}), "none");
  });
});
