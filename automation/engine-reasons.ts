import type { EventLog } from "./engine-events";

/** What to do, where the engine does not say it. */
const hints: readonly [symptom: RegExp, hint: string][] = [
  [/was not specified in --target list/, "That is not there yet: bring the whole stack up first, with `ftgo up`"],
  [
    /provided port is already allocated/,
    "Another Service has that port, be it this one by its name of before: give another `nodePort`, at least until the old one is gone.",
  ],
  [
    /ResourceInUseException|EntityAlreadyExists|ResourceAlreadyExists/,
    "AWS has that already, as after an update that was killed while it was made: `pulumi refresh` asks about it, and takes it into the stack.",
  ],
  [/no space left on device/, "That disk is full: free some space, then the same command goes on from there."],
  [
    /incorrect passphrase/,
    "PULUMI_CONFIG_PASSPHRASE or the file that PULUMI_CONFIG_PASSPHRASE_FILE names must be the one that the secrets of the stack file were encrypted with.",
  ],
];

/** A cluster that does not answer, in the words of the plugin and of Go's HTTP client, and not a plugin that does not. */
const unreachable =
  /cluster is unreachable|connection (refused|reset)|ECONN(REFUSED|RESET)|ENOTFOUND|no such host|(i\/o|TLS handshake) timeout|Client\.Timeout|(?<!reading from server)(: |unexpected )EOF$/m;

/** Every resource that failed, and why. */
export function describeFailures(log: EventLog): string {
  const failures = log.failures.map(({ resource, reason }) => `${resource}\n${indent(withHint(reason || "failed"))}`);
  const count = failures.length === 1 ? "1 resource" : `${failures.length} resources`;
  const lines = [`${count} failed; what succeeded is kept`, ...[...failures, ...log.otherErrors].map(indent)];
  const isUnreachable = log.failures.some(
    ({ type, reason }) => type.startsWith("kubernetes:") && unreachable.test(reason),
  );
  if (isUnreachable) lines.push("When the cluster answers again, the same command goes on from there.");
  return lines.join("\n");
}

export function indent(text: string): string {
  return text.replace(/^/gm, "  ");
}

/** A reason, with what to do where that is known. */
export function withHint(reason: string): string {
  const hint = hints.find(([symptom]) => symptom.test(reason));
  return hint === undefined ? reason : `${reason}\n${hint[1]}`;
}
