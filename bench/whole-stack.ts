import { type Platform, succeeded } from "../test/engine/platform-lab";
import { compare, timed } from "./measure";
import { stackObjects, writeObjects } from "./objects";

/** Stack local as it is: what a command costs that finds nothing to do. */
export async function unchanged(lab: Platform): Promise<string> {
  await lab.bring();
  const file = writeObjects(lab, "objects", await stackObjects(lab));
  const kubectl = ownNamespaces(lab);
  const cases = {
    "kubectl diff of the same objects": () => kubectl("diff", "--server-side", "--force-conflicts", "-f", file),
    "pulumi preview": async () => succeeded(await lab.pulumi("preview")),
    "pulumi up": () => lab.up(),
    "ftgo preview --no-refresh": async () => succeeded(await lab.ftgo("preview", "--no-refresh")),
    "ftgo up --no-refresh": async () => succeeded(await lab.ftgo("up", "--yes", "--no-refresh")),
    "ftgo up, which looks at the real state first": async () => succeeded(await lab.ftgo("up", "--yes")),
  };
  return compare(
    {
      title: "nothing changed, stack local",
      cases: Object.entries(cases).map(([what, work]) => ({ what, run: () => timed(work) })),
    },
    5,
  );
}

/** Stack local from an empty cluster until all pods are ready. */
export async function firstUp(lab: Platform): Promise<string> {
  await lab.bring();
  const objects = await stackObjects(lab);
  const of = (kind: string) => objects.filter((object) => object.kind === kind);
  const isMesh = ({ metadata }: { metadata: { namespace?: string } }) =>
    metadata.namespace === undefined || metadata.namespace === "istio-system";
  const first = [...of("CustomResourceDefinition"), ...of("Namespace")];
  const others = objects.filter((object) => !first.includes(object));
  const files = [first, others.filter(isMesh), others.filter((object) => !isMesh(object))].map((part, index) =>
    writeObjects(lab, `part-${index}`, part),
  );
  const rolledOut = others.filter(({ kind }) => kind === "Deployment" || kind === "StatefulSet");
  const kubectl = ownNamespaces(lab);
  const apply = async () => {
    for (const [index, file] of files.entries()) {
      await kubectl("apply", "--server-side", "-f", file);
      for (const { kind, metadata } of rolledOut.filter((object) => isMesh(object) === (index === 1)))
        if (index > 0)
          await lab.kubectl("rollout", "status", `${kind}/${metadata.name}`, "-n", metadata.namespace ?? "default");
    }
  };
  const removed = async () => {
    await lab.project.destroy();
    for (const file of files.toReversed()) await kubectl("delete", "--ignore-not-found", "-f", file);
  };
  return compare(
    {
      title: "first up, stack local",
      cases: [
        { what: "kubectl apply of the same objects in three parts", prepare: removed, run: () => timed(apply) },
        { what: "pulumi up", prepare: removed, run: () => timed(() => lab.up()) },
        {
          what: "ftgo up",
          prepare: removed,
          run: () => timed(async () => succeeded(await lab.ftgo("up", "--yes"))),
        },
      ],
    },
    3,
    false,
  );
}

/** kubectl for objects that say their namespace. */
function ownNamespaces(lab: Platform): (...args: string[]) => Promise<string> {
  return (...args) => lab.kubectl(...args, "--namespace=");
}
