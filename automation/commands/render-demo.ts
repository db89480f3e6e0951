import type { DemoResult, StepResult } from "./demo";
import { describeShares, type StepTraffic } from "./demo-traffic";
import { serviceRows } from "../terminal/render";
import { formatDuration, type Style, table } from "../terminal/text";

/** So many are shown. */
const shownReasons = 5;

/** What one step of the demo did, and what users saw of it. */
export function renderStep({ edit, durationMs, service, traffic }: StepResult, style: Style): string {
  const rows = serviceRows(service, style).map(([, ...cells]) => cells);
  const seen = traffic === undefined ? "" : `    ${renderTraffic(traffic, style)}\n`;
  return `  ${style.note(edit)}  ${style.dim(formatDuration(durationMs))}\n${table(rows, "    ")}${seen}`;
}

function renderTraffic({ requests, users, testers, p50Ms, p99Ms, lost }: StepTraffic, style: Style): string {
  const seen = `${requests} requests: users ${describeShares(users)}; testers ${describeShares(testers)}`;
  return `${seen}; ${style.dim(`p50 ${p50Ms} ms, p99 ${p99Ms} ms;`)} ${renderLost(lost, style)}`;
}

function renderLost(lost: number, style: Style): string {
  return lost === 0 ? style.good("0 lost") : style.bad(`${lost} lost`);
}

/** The whole in a table, how many requests were lost, and what to try next. */
export function renderDemoEnd({ steps, traffic, totalMs }: DemoResult, style: Style): string {
  const set = "pulumi config set --path services.consumer";
  return `
${traffic === undefined ? "" : `${renderSteps(steps, style)}\n${renderTotal(traffic, style)}\n`}
${style.bold(`Done in ${formatDuration(totalMs)}.`)} The platform is running, the consumer service on v2 alone, for all users.

Try next:
  eval "$(npx ftgo env)"                          ${style.dim("plain pulumi, kubectl, helm and istioctl on this cluster")}
  ${set}.versions.v3.image ftgo-consumer-service:v3
  ${set}.canary.version v3 && pulumi up
  npx ftgo promote consumer --weight 5            ${style.dim("5 % of the users get v3")}
  npx ftgo rollback consumer                      ${style.dim("nobody does")}
  npx ftgo status                                 ${style.dim("what runs, and who gets it")}
  npx ftgo local stop                             ${style.dim("stop everything; nothing is lost")}
`;
}

function renderSteps(steps: readonly StepResult[], style: Style): string {
  const head = ["step", "update", "requests", "users", "testers", "p50", "p99", "lost"].map((word) => style.dim(word));
  const rows = steps.flatMap(({ edit, durationMs, traffic }) => {
    if (traffic === undefined) return [];
    const { requests, users, testers, p50Ms, p99Ms, lost } = traffic;
    const seen = [String(requests), describeShares(users), describeShares(testers), `${p50Ms} ms`, `${p99Ms} ms`];
    return [[edit, formatDuration(durationMs), ...seen, lost === 0 ? "0" : style.bad(String(lost))]];
  });
  return table([head, ...rows], "  ");
}

function renderTotal({ requests, lost, reasons }: StepTraffic, style: Style): string {
  const counted = style.bold(`requests lost: ${lost} of ${requests}`);
  const why = Object.entries(reasons).sort(([, a], [, b]) => b - a);
  const lines = why.slice(0, shownReasons).map(([reason, count]) => `\n  ${count} × ${reason}`);
  if (why.length > shownReasons) lines.push(`\n  and ${why.length - shownReasons} more reasons; --json has them all`);
  return `${lost === 0 ? style.good("✓") : style.bad("✗")} ${counted}${lines.join("")}`;
}
