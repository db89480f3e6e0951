import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { springRoutes } from "../../components/config/presets";
import type { Platform } from "../engine/platform-lab";

/** FTGO's services by their names. */
export const apps = ["ftgo-restaurant-service", "ftgo-consumer-service", "ftgo-api-gateway"] as const;

/** Makes them in a namespace of their own as somebody does by kubectl alone, without a mesh, and waits until they are ready. */
export async function deployWithoutMesh(lab: Platform, namespace: string): Promise<void> {
  const home = { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } };
  const [restaurant, consumer, gateway] = apps;
  const items = [
    home,
    ...service(restaurant, namespace),
    ...service(consumer, namespace),
    ...service(
      gateway,
      namespace,
      springRoutes({ consumers: `http://${consumer}:8080`, restaurants: `http://${restaurant}:8080` }),
      { type: "LoadBalancer", ports: [{ name: "http", port: 80, targetPort: 8080 }] },
    ),
  ];
  const file = join(lab.dir, `without-mesh-${namespace}.json`);
  writeFileSync(file, JSON.stringify({ apiVersion: "v1", kind: "List", items }));
  const there = ["--namespace", namespace];
  await lab.kubectl("apply", "--filename", file, ...there);
  for (const app of apps) await lab.kubectl("rollout", "status", `deployment/${app}`, "--timeout=2m", ...there);
}

function service(app: string, namespace: string, env: Record<string, string> = {}, more: object = {}) {
  const container = {
    name: app,
    image: `${app}:plain`,
    ports: [{ containerPort: 8080 }],
    env: Object.entries(env).map(([name, value]) => ({ name, value })),
    readinessProbe: { httpGet: { path: "/actuator/health", port: 8080 }, periodSeconds: 1 },
    lifecycle: { preStop: { sleep: { seconds: 10 } } },
  };
  const labels = { app };
  const template = { metadata: { labels }, spec: { containers: [container] } };
  const metadata = { name: app, namespace };
  const deployment = { replicas: 1, selector: { matchLabels: labels }, template };
  const spec = { selector: labels, ports: [{ name: "http", port: 8080 }], ...more };
  return [
    { apiVersion: "apps/v1", kind: "Deployment", metadata, spec: deployment },
    { apiVersion: "v1", kind: "Service", metadata, spec },
  ];
}
