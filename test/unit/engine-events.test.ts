import { strict as assert } from "node:assert";
import type { EngineEvent } from "@pulumi/pulumi/automation";
import { describeFailures } from "../../automation/engine-reasons";
import { EventLog, type Progress } from "../../automation/engine-events";

const urn = (name: string, type = "kubernetes:apps/v1:Deployment") =>
  `urn:pulumi:local::ftgo::ftgo:x:Y$${type}::${name}`;
const state = (custom: boolean, outputs: Record<string, unknown> = {}) => ({
  custom,
  outputs,
  inputs: {},
  type: "",
  urn: "",
  id: "",
  parent: "",
  provider: "",
});
const step = (op: string, name: string, more: object = {}) =>
  ({ op, urn: urn(name), type: "kubernetes:apps/v1:Deployment", new: state(true), provider: "", ...more }) as never;
const event = (content: object) => ({ sequence: 0, timestamp: 0, ...content }) as EngineEvent;
const error = (name: string, message: string) =>
  event({ diagnosticEvent: { urn: name && urn(name), message, color: "never", severity: "error" } });

function log(...events: EngineEvent[]) {
  const told: Progress[] = [];
  let clock = 0;
  const result = new EventLog(
    (progress) => told.push(progress),
    () => (clock += 100),
  );
  for (const each of events) result.add(each);
  return { result, told };
}

describe("The engine's events", () => {
  it("become the changes by resource, with what differs", () => {
    const { result, told } = log(
      event({ resourcePreEvent: { metadata: step("update", "consumer/v1") } }),
      event({
        resOutputsEvent: { metadata: step("update", "consumer/v1", { detailedDiff: { "spec.replicas": {} } }) },
      }),
      event({ resOutputsEvent: { metadata: step("same", "consumer/service") } }),
    );
    assert.deepEqual(result.changes, [
      {
        name: "consumer/v1",
        type: "kubernetes:apps/v1:Deployment",
        operation: "update",
        properties: ["spec.replicas"],
      },
    ]);
    assert.deepEqual(
      told.map(({ kind }) => kind),
      ["started", "done"],
    );
  });

  it("leave components out, which have no state of their own", () => {
    const { result, told } = log(
      event({ resourcePreEvent: { metadata: step("create", "consumer", { new: state(false) }) } }),
    );
    assert.deepEqual([result.changes, told], [[], []]);
  });

  it("become a failure with resource and reason", () => {
    const { result } = log(
      error("consumer/v2", "<{%fg 1%}>Pod ftgo-consumer-service-v2-x: ImagePullBackOff<{%reset%}>\n"),
      event({ resOpFailedEvent: { metadata: step("create", "consumer/v2"), status: 0, steps: 0 } }),
    );
    assert.deepEqual(result.failures, [
      {
        resource: "consumer/v2",
        type: "kubernetes:apps/v1:Deployment",
        reason: "Pod ftgo-consumer-service-v2-x: ImagePullBackOff",
      },
    ]);
  });

  it("tell what the program threw once and without its stack", () => {
    const thrown = "Unhandled exception: Error: no such zone\n    at f (/x/index.ts:1:2)\n    at g (/x/y.ts:3:4)";
    assert.deepEqual(log(error("", thrown), error("", "no such zone")).result.otherErrors, ["no such zone"]);
  });

  it("give the outputs without the secret ones (promise 3)", () => {
    const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "[secret]" };
    const outputs = { gateway: { url: "http://x" }, kubeconfig: secret };
    const metadata = {
      op: "same",
      urn: "urn:pulumi:local::ftgo::pulumi:pulumi:Stack::ftgo-local",
      type: "pulumi:pulumi:Stack",
      new: state(false, outputs),
    };
    assert.deepEqual(log(event({ resOutputsEvent: { metadata } })).result.outputs, { gateway: { url: "http://x" } });
  });

  it("say of a resource that failed what to do, where that is known", () => {
    const { result } = log(
      error("gateway/service", "Invalid value: 30001: provided port is already allocated"),
      event({ resOpFailedEvent: { metadata: step("update", "gateway/service"), status: 0, steps: 0 } }),
    );
    assert.match(describeFailures(result), /gateway\/service\n.*already allocated\n +Another Service has that port/);
  });
});
