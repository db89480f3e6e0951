import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import type { Platform } from "../test/engine/platform-lab";
import { type Forward, forwardTo } from "../test/mesh/port-forward";
import { compare, type Figures } from "./measure";
import { inScript, weightPatch } from "./route";

const rounds = 7;
const route = "ftgo-consumer-service";
const pollMilliseconds = 10;

/** The canary's share in Envoy's own words. */
const toCanary = /\|v2\|ftgo-consumer-service\.[^}]*?"weight": (\d+)/;

/** How long it takes from the edit of a weight until the sidecars of the gateway route by it. */
export async function weights(lab: Platform): Promise<string> {
  await lab.bring({
    "services.consumer.versions.v2": { image: "ftgo-consumer-service:v2" },
    "services.consumer.canary": { version: "v2", weight: 1 },
  });
  const pods = await lab.pods("ftgo-api-gateway");
  const proxies = await Promise.all(pods.map(({ metadata }) => forwardTo(lab, 15000, `pod/${metadata.name}`)));
  let weight = 1;
  const next = () => (weight = (weight % 99) + 1);
  const measured = (command: (value: number) => Promise<unknown>) => async (): Promise<Figures> => {
    const value = next();
    const start = performance.now();
    const since = () => (performance.now() - start) / 1000;
    const [times] = await Promise.all([
      Promise.all(proxies.map((proxy) => untilRoutes(proxy, value).then(since))),
      command(value),
    ]);
    return { "seconds to the first proxy": Math.min(...times), "to the last": Math.max(...times) };
  };
  try {
    const cases = [
      { what: "kubectl patch", run: measured((value) => patch(lab, value)) },
      {
        what: "project.promote() in a script",
        run: measured((value) => inScript(lab).promote("consumer", { weight: value })),
      },
      { what: "ftgo promote", run: measured((value) => lab.ftgo("promote", "consumer", "--weight", String(value))) },
    ];
    return await compare({ title: "a weight, until sidecars route by it", cases }, rounds);
  } finally {
    for (const proxy of proxies) proxy.close();
  }
}

/** Asks an Envoy until its routes have the weight. */
async function untilRoutes({ url }: Forward, weight: number): Promise<void> {
  const limit = performance.now() + 60_000;
  for (;;) {
    const response = await fetch(`${url}/config_dump?resource=dynamic_route_configs&name_regex=^8080$`);
    const shares = toCanary.exec(await response.text());
    if (Number(shares?.[1]) === weight) return;
    assert.ok(performance.now() < limit, `no weight ${weight} within a minute`);
    await pause(pollMilliseconds);
  }
}

/** `kubectl patch` of the very route. */
function patch(lab: Platform, weight: number): Promise<unknown> {
  return lab.kubectl("patch", "virtualservice", route, ...weightPatch(weight));
}
