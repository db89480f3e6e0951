import type { ApiClient } from "../cluster/api-client";
import type { Pod } from "./pod";
import { namespaceOf } from "./pod";
import type { Sandbox } from "./sandbox";

/*
 * KWOK answers `kubectl port-forward` and `kubectl logs` (and istioctl, which uses them) for those pods for which it finds an
 * object that says how. They are objects of the API server: the namespaces are known only when the pods run.
 */

const group = "kwok.x-k8s.io";
const version = "v1alpha1";
/** Plurals of KWOK's kinds. */
const kinds = { PortForward: "portforwards", Logs: "logs" };

/** The names of KWOK's kinds, for its command line. */
export const accessKinds = Object.keys(kinds);

/** What makes the API server know such objects. */
export const accessDefinitions = Object.entries(kinds).map(([kind, plural]) => ({
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: `${plural}.${group}` },
  spec: {
    group,
    names: { kind, plural },
    scope: "Namespaced",
    versions: [
      {
        name: version,
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
      },
    ],
  },
}));

/** Joins a connection, its standard input and output, with a port of the network namespace that it runs in. */
const connect = `
const socket = require("node:net").connect(Number(process.argv[1]), "127.0.0.1");
process.stdin.pipe(socket).pipe(process.stdout);
socket.on("error", () => process.exit(1)).on("close", () => process.exit(0));
`;

/** Of Envoy and the agent: what istioctl asks. */
const proxyPorts = [15000, 15004, 15020, 15021, 15090];

/** Leads to a pod's ports and logs; goes with the pod. @param logs the log files of its containers */
export async function makeAccessible(
  pod: Pod,
  { enter }: Sandbox,
  logs: Readonly<Record<string, string>>,
  api: ApiClient,
): Promise<void> {
  const { name, uid } = pod.metadata;
  const ports = pod.spec.containers.flatMap((each) => each.ports ?? []).map(({ containerPort }) => containerPort);
  const command = (port: number) => [...enter, process.execPath, "-e", connect, String(port)];
  const forwards = [...new Set([...ports, ...proxyPorts])].map((port) => ({ ports: [port], command: command(port) }));
  const files = Object.entries(logs).map(([container, logsFile]) => ({
    ...{ containers: [container], logsFile, previousLogsFile: `${logsFile}.1`, follow: true },
  }));
  const specs = { PortForward: { forwards }, Logs: { logs: files } };
  const url = `/apis/${group}/${version}/namespaces/${namespaceOf(pod)}`;
  for (const [kind, plural] of Object.entries(kinds))
    await api.apply(`${url}/${plural}`, name, {
      apiVersion: `${group}/${version}`,
      kind,
      metadata: { name, ownerReferences: [{ apiVersion: "v1", kind: "Pod", name, uid }] },
      spec: specs[kind as keyof typeof kinds],
    });
}
