import { setTimeout as pause } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import { hook } from "../hook";
import { type MeshAccess, Proxies, type Sent } from "../mesh";

/** The longest that proxies are waited for. */
const seconds = 10;
const limit = seconds * 1000;

/** What is looked at in a VirtualService. */
interface RouteSpec {
  readonly http?: readonly { readonly route?: readonly { readonly destination?: { readonly subset?: string } }[] }[];
}

/**
 * Hooks of a route which see to it that what it does not name any more goes only when every proxy has heard of that. The engine
 * deletes right after its last update, and istiod sends both changes at once: a proxy would lose the subset before the route.
 * @param kept subsets that have pods now; others go in this update
 */
export function heardBeforeBreak(
  name: string,
  kept: readonly string[],
  mesh: pulumi.Output<MeshAccess>,
): pulumi.ResourceHookBinding {
  const proxies = () => new Promise<Proxies>((resolve) => void mesh.apply((access) => resolve(new Proxies(access))));
  const isBreak = ({ oldInputs }: pulumi.ResourceHookArgs) =>
    subsetsOf(oldInputs?.["spec"] as RouteSpec).some((subset) => !kept.includes(subset));
  let before: Sent | undefined;
  const remember = hook(`${name}/remember`, async (args) => {
    if (isBreak(args)) before = await (await proxies()).sent().catch(warn);
  });
  const wait = hook(`${name}/wait`, async (args) => {
    if (!isBreak(args)) return;
    const end = performance.now() + limit;
    const behind = before && (await (await proxies()).heard(before, limit).catch(warn));
    if (behind === undefined) await pause(Math.max(0, end - performance.now()));
    else if (behind.length > 0) say(`not told of the changed route within ${seconds} s: ${behind.join(", ")}`);
  });
  return { beforeUpdate: [remember], afterUpdate: [wait] };
}

function subsetsOf(spec: RouteSpec | undefined): string[] {
  const destinations = (spec?.http ?? []).flatMap(({ route = [] }) => route.map(({ destination }) => destination));
  return destinations.map((destination) => destination?.subset ?? "");
}

function warn(error: unknown): undefined {
  const why = error instanceof Error ? error.message : String(error);
  say(`istiod cannot be asked what its proxies know, so ${seconds} s are waited: ${why}`);
}

function say(text: string): void {
  void pulumi.log.warn(text);
}
