import { type Platform, succeeded } from "../test/engine/platform-lab";
import { Rollouts } from "./argo-rollouts/rollouts";
import { Chart } from "./chart";
import { type Comparison, compare } from "./measure";
import { PeerNamespace } from "./peer-namespace";
import { inScript, untilChanged, weightPatch } from "./route";

const rounds = 7;

/** A promotion and a rollback of the consumer service, beside other tools that change a route of the same kind. */
export async function steps(lab: Platform, tell: (table: string) => void): Promise<void> {
  await lab.bring({
    "services.consumer.versions.v2": { image: "ftgo-consumer-service:v2" },
    "services.consumer.canary": { version: "v2", weight: 1 },
  });
  const home = await PeerNamespace.open(lab);
  const chart = await Chart.open(home);
  const rollouts = await Rollouts.open(home);
  try {
    const { apiVersion, kind, spec } = chart.route;
    await home.apply({ apiVersion, kind, metadata: { name: "patched" }, spec });
    const peers = { home, chart, rollouts };
    tell(await compare(promotion(lab, peers), rounds));
    tell(await compare(rollback(lab, peers), rounds));
  } finally {
    await rollouts.close();
  }
}

interface Peers {
  readonly home: PeerNamespace;
  readonly chart: Chart;
  readonly rollouts: Rollouts;
}

function promotion(lab: Platform, { home, chart, rollouts }: Peers): Comparison {
  // Another one each time, so that each is a change.
  let weight = 1;
  const next = () => (weight = (weight % 99) + 1);
  const own = (command: () => Promise<unknown>) => untilChanged(lab, "ftgo", "ftgo-consumer-service", command);
  const peer = (route: string, command: () => Promise<unknown>) => untilChanged(lab, home.name, route, command);
  const set = (value: number) =>
    lab.pulumi("config", "set", "--path", "services.consumer.canary.weight", String(value));
  return {
    title: "one step of a promotion",
    cases: [
      { what: "kubectl patch", run: () => peer("patched", () => patch(home, next())) },
      { what: "helm upgrade", run: () => peer("ftgo-consumer-service", () => chart.upgrade(next())) },
      {
        what: "Argo Rollouts, promote",
        prepare: () => rollouts.paused(),
        run: () => peer("rolled", () => rollouts.promote()),
      },
      {
        what: "ftgo promote",
        run: () => own(async () => succeeded(await lab.ftgo("promote", "consumer", "--weight", String(next())))),
      },
      {
        what: "project.promote() in a script",
        run: () => own(() => inScript(lab).promote("consumer", { weight: next() })),
      },
      {
        what: "pulumi config set && pulumi up",
        run: () => own(async () => succeeded(await set(next())) && (await lab.up())),
      },
    ],
  };
}

function rollback(lab: Platform, { home, chart, rollouts }: Peers): Comparison {
  const own = (command: () => Promise<unknown>) => untilChanged(lab, "ftgo", "ftgo-consumer-service", command);
  const peer = (route: string, command: () => Promise<unknown>) => untilChanged(lab, home.name, route, command);
  const promoted = () => lab.project.promote("consumer", { weight: 50 });
  return {
    title: "rollback",
    cases: [
      { what: "kubectl patch", prepare: () => patch(home, 50), run: () => peer("patched", () => patch(home, 0)) },
      {
        what: "helm rollback",
        prepare: () => chart.upgrade(0).then(() => chart.upgrade(50)),
        run: () => peer("ftgo-consumer-service", () => chart.rollback()),
      },
      {
        what: "Argo Rollouts, abort",
        prepare: () => rollouts.retry().then(() => rollouts.paused()),
        run: () => peer("rolled", () => rollouts.abort()),
      },
      {
        what: "ftgo rollback",
        prepare: promoted,
        run: () => own(async () => succeeded(await lab.ftgo("rollback", "consumer"))),
      },
      {
        what: "project.rollback() in a script",
        prepare: promoted,
        run: () => own(() => inScript(lab).rollback("consumer")),
      },
    ],
  };
}

/** `kubectl patch` of a copy of the route. */
function patch(home: PeerNamespace, weight: number): Promise<unknown> {
  return home.kubectl("patch", "virtualservice", "patched", ...weightPatch(weight));
}
