import type { RunResult } from "../engine";
import type { Change, Operation } from "../engine-events";
import type { ServiceStatus, StackStatus, VersionStatus } from "../status";
import { type ChangeByHand, describeByHand } from "../by-hand";
import { bar, formatDuration, kindOf, type Style, table } from "./text";

const signs: Record<Operation, string> = {
  create: "+",
  update: "~",
  replace: "±",
  delete: "-",
  read: "<",
  refresh: "!",
};
const past: [Operation, string][] = [
  ["create", "created"],
  ["update", "updated"],
  ["replace", "replaced"],
  ["delete", "deleted"],
];

/** So many are shown; `--json` has them all. */
const shownChanges = 20;

/** What an update did, or in a preview would do. */
export function renderRun(result: RunResult, style: Style, preview = false): string {
  const { changes, drifted, durationMs } = result;
  const counts = past.flatMap(([operation, word]) => {
    const count = changes.filter((change) => change.operation === operation).length;
    return count === 0 ? [] : [preview ? `${count} to be ${word}` : `${count} ${word}`];
  });
  const drift = drifted.map((change) => renderDrift(change, result, style, preview)).join("");
  return [
    drift &&
      `${style.note("not as the last update left it: changed by hand, or that update did not finish")}\n${drift}\n`,
    changes
      .slice(0, shownChanges)
      .map((change) => renderChange(change, style))
      .join(""),
    changes.length > shownChanges ? `    and ${changes.length - shownChanges} more\n` : "",
    `${counts.length === 0 ? "no changes" : counts.join(", ")} ${style.dim(`(${formatDuration(durationMs)})`)}\n`,
  ].join("");
}

/** A change by hand is undone unless the stack file says the same by now. */
function renderDrift({ name, operation, properties }: Change, { changes }: RunResult, style: Style, preview: boolean) {
  const undone = changes.some((change) => change.name === name);
  const outcome = undone ? (preview ? "to be put right" : "put right") : "left as it is";
  return `  ${style.note("!")} ${name}: ${operation === "delete" ? "deleted" : listed(properties)}  ${style.dim(`(${outcome})`)}\n`;
}

function renderChange({ operation, name, type, properties }: Change, style: Style): string {
  const paint = operation === "create" ? style.good : operation === "delete" ? style.bad : style.note;
  return `  ${paint(signs[operation])} ${name}${style.dim(`  ${kindOf(type)}${properties.length > 0 ? `: ${listed(properties)}` : ""}`)}\n`;
}

/** By this note `up` has shown the engine an object of which another hand has set what config does not say. */
const noteOfAnotherHand = 'metadata.annotations["pulumi.com/patchForce"]';

function listed(properties: readonly string[]): string {
  const named = properties.map((property) => (property === noteOfAnotherHand ? "what another hand has set" : property));
  const shown = named.slice(0, 3).join(", ");
  return properties.length > 3 ? `${shown} and ${properties.length - 3} more` : shown;
}

const adopt = "; `ftgo config adopt <service>` takes live images into it";

/** What runs, who gets it, and where that is not what the stack file says. */
export function renderStatus(status: StackStatus, style: Style): string {
  const head = [
    `stack ${style.bold(status.stack)}`,
    status.cluster,
    status.gateway.url && `gateway ${style.bold(status.gateway.url)}`,
  ];
  const rows = status.services.flatMap((service) => serviceRows(service, style));
  const found = [...status.services.flatMap((service) => service.differences), ...status.gone];
  const differences = found.map((text) => `  ${text}\n`);
  const header = ["service", "version", "image", "ready", "users"].map((title) => style.dim(title));
  return [
    `${head.filter(Boolean).join(" · ")}\n\n`,
    table([header, ...rows], "  "),
    differences.length === 0
      ? ""
      : `\n${style.note("live and stack file differ:")}\n${differences.join("")}` +
        `  \`ftgo up\` brings the cluster to the stack file${found.length > status.gone.length ? adopt : ""}\n`,
    status.unready.length === 0
      ? ""
      : `\n${style.note("not ready:")}\n${status.unready.map((text) => `  ${text}\n`).join("")}`,
    renderByHand(status.byHand, style),
  ].join("");
}

/** What another hand has changed in the stack's objects. */
export function renderByHand(byHand: readonly ChangeByHand[], style: Style): string {
  if (byHand.length === 0) return "";
  const lines = byHand.map((change) => `  ${describeByHand(change)}\n`).join("");
  const hint =
    "`ftgo up` takes back what is in `spec` and `data` and the stack file does not say; labels and annotations stay until their " +
    "object is written for another reason";
  return `\n${style.note("changed by another hand:")}\n${lines}  ${hint}\n`;
}

/** One row for each version of a service. */
export function serviceRows(service: ServiceStatus, style: Style): string[][] {
  return service.versions.map((version, index) => [
    index === 0 ? style.bold(service.key) : "",
    version.version ?? "",
    version.live?.image ?? version.image ?? "",
    readiness(version, style),
    users(service, version, style),
  ]);
}

function readiness({ live }: VersionStatus, style: Style): string {
  if (live === undefined) return style.bad("none");
  const text = `${live.ready}/${live.desired}${live.old > 0 ? `, ${live.old} old` : ""}`;
  return live.isRolledOut ? style.good(text) : style.bad(text);
}

function users({ live, configured }: ServiceStatus, { version }: VersionStatus, style: Style): string {
  const audience = live ?? configured;
  if (version === undefined || audience === undefined) return "";
  const weight = audience.weights[version] ?? 0;
  const testers = audience.testers?.version === version ? style.canary(`  testers: ${audience.testers.header}`) : "";
  return `${bar(weight)} ${String(weight).padStart(3)} %${testers}`;
}
