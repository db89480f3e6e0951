import assert from "node:assert/strict";
import { until } from "../cluster-lab";
import { type Platform, succeeded } from "../platform-lab";
import { platform } from "../shared-platform";
import { audiences, type Route } from "../watch";

interface Deployment {
  readonly replicas: number;
  readonly revisionHistoryLimit: number;
  readonly template: { readonly spec: { readonly containers: { image: string; env?: { name: string }[] }[] } };
}
interface Drift {
  readonly drifted: { name: string; operation: string }[];
  readonly changes: { name: string; operation: string }[];
}

interface ByHand {
  readonly byHand: { kind: string; name: string; fields: string[]; by: string }[];
}

const restaurant = "ftgo-restaurant-service";
const gateway = "ftgo-api-gateway";
const consumer = "ftgo-consumer-service";
const to = (subset: string, weight: number) => ({ destination: { host: consumer, subset }, weight });
/** More than the program says: only the share of what it does say is another one. */
const route = { http: [{ route: [to("v1", 40), to("v9", 60)] }] };

describe("What someone changed by hand", () => {
  let lab: Platform;
  let preview: Drift;
  const deployment = async (name: string) => (await lab.get<Deployment>("deployment", name)).spec;
  const rules = async () => audiences((await lab.get<Route>("virtualservice", consumer)).spec);
  const toV1 = [{ route: [to("v1", 100)] }];
  const image = async (name: string) => (await deployment(name)).template.spec.containers[0]?.image;
  const isSeen = async (name: string) => {
    const { metadata, status } = await lab.get("deployment", name);
    return status["observedGeneration"] === metadata.generation;
  };

  before(async () => {
    lab = await platform();
    await lab.bring();
    await lab.kubectl("scale", `deployment/${restaurant}`, "--replicas=1");
    for (const tag of ["a", "b", "c", "d", "e"]) {
      await lab.kubectl("set", "image", `deployment/${consumer}-v1`, `${consumer}=by-hand:${tag}`);
      await until("the controller has seen the image", () => isSeen(`${consumer}-v1`));
    }
    await lab.kubectl("delete", "deployment", gateway);
    await lab.kubectl("patch", "virtualservice", consumer, "--type=merge", "-p", JSON.stringify({ spec: route }));
    preview = JSON.parse(succeeded(await lab.ftgo("preview", "--json")).stdout) as Drift;
  });

  it("keeps its history: five revisions and more to go back to", async () => {
    assert.ok((await deployment(`${consumer}-v1`)).revisionHistoryLimit >= 5);
    const history = await lab.kubectl("rollout", "history", `deployment/${consumer}-v1`);
    assert.ok(history.split("\n").filter((line) => /^\d/.test(line)).length >= 6, history);
  });

  it("is shown by a preview, each object by its name", () => {
    // Without its pods the gateway's Service may or may not be waited for again: that depends on its age.
    const shown = (changes: Drift["drifted"]) =>
      changes
        .filter(({ name }) => name !== "ftgo-api-gateway/service")
        .map(({ name, operation }) => `${operation} ${name}`)
        .sort();
    const changed = [
      "update ftgo-consumer-service/route",
      "update ftgo-consumer-service/v1",
      "update ftgo-restaurant-service/deployment",
    ];
    assert.deepEqual(shown(preview.drifted), ["delete ftgo-api-gateway/deployment", ...changed]);
    assert.deepEqual(shown(preview.changes), ["create ftgo-api-gateway/deployment", ...changed]);
  });

  it("is put right by `pulumi up --refresh`", async () => {
    await lab.up("--refresh");
    assert.equal((await deployment(restaurant)).replicas, 2);
    assert.equal(await image(`${consumer}-v1`), "msapatterns/ftgo-consumer-service:latest");
    assert.equal((await lab.get("deployment", gateway)).status["readyReplicas"], 2);
    assert.deepEqual(await rules(), toV1);
  });

  describe("beside what config says", () => {
    const fault = { abort: { httpStatus: 500, percentage: { value: 100 } } };
    const behind = { route: [to("v9", 100)] };
    /** Lets everybody in, beside the gateway that config names. */
    const everybody = [{ op: "add", path: "/spec/rules/-", value: {} }];
    const anotherPort = [{ op: "add", path: "/spec/ports/-", value: { name: "debug", port: 5005 } }];
    const callers = async () =>
      (await lab.get<{ rules: unknown[] }>("authorizationpolicy", consumer)).spec.rules.map((rule) =>
        JSON.stringify(rule),
      );
    let given: string[];
    let up: ByHand;

    before(async () => {
      const http = [{ fault, route: [to("v1", 100)] }, behind];
      await lab.kubectl("patch", "virtualservice", consumer, "--type=merge", "-p", JSON.stringify({ spec: { http } }));
      given = await callers();
      await lab.kubectl("patch", "authorizationpolicy", consumer, "--type=json", "-p", JSON.stringify(everybody));
      assert.equal((await callers()).length, 2);
      await lab.kubectl("label", "service", consumer, "by=hand");
      await lab.kubectl("scale", `deployment/${restaurant}`, "--replicas=3");
      await lab.kubectl("set", "env", `deployment/${restaurant}`, "DEBUG=1");
      await lab.kubectl("rollout", "pause", `deployment/${restaurant}`);
      await lab.kubectl("patch", "service", restaurant, "--type=json", "-p", JSON.stringify(anotherPort));
      up = JSON.parse(succeeded(await lab.ftgo("up", "--json")).stdout) as ByHand;
    });

    it("is taken back where it leads users elsewhere", async () => {
      assert.deepEqual(await rules(), toV1);
    });

    it("is taken back where it lets others in", async () => {
      assert.deepEqual(await callers(), given);
    });

    it("is taken back in pods, which have rolled by then, and in Services", async () => {
      const { spec, status } = await lab.get<Deployment>("deployment", restaurant);
      const env = spec.template.spec.containers.flatMap(({ env = [] }) => env.map(({ name }) => name));
      assert.ok(!env.includes("DEBUG"), env.join());
      assert.deepEqual([status["updatedReplicas"], status["availableReplicas"], status["replicas"]], [2, 2, 2]);
      const { ports } = (await lab.get<{ ports: { name: string }[] }>("service", restaurant)).spec;
      assert.deepEqual(
        ports.map(({ name }) => name),
        ["http"],
      );
    });

    it("is shown where it stays, with the tool that did it, until it is gone", async () => {
      const shown = ({ byHand }: ByHand) => byHand.map(({ kind, name, fields, by }) => [kind, name, ...fields, by]);
      const label = ["Service", consumer, "metadata.labels.by", "kubectl-label"];
      assert.deepEqual(shown(up), [label]);
      const status = async () => JSON.parse(succeeded(await lab.ftgo("status", "--json")).stdout) as ByHand;
      assert.deepEqual(shown(await status()), [label]);
      await lab.kubectl("label", "service", consumer, "by-");
      assert.deepEqual(shown(await status()), []);
    });
  });

  it("leads to no cluster but the stack's own", () => assert.equal(lab.strays, 0));
});
