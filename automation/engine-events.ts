import type { EngineEvent, StepEventMetadata } from "@pulumi/pulumi/automation";
import type { Failure } from "./errors";

/** What the engine does with a resource; `refresh` is looking whether it is as it was left. */
export type Operation = "create" | "update" | "replace" | "delete" | "read" | "refresh";

/** One resource that a run changed, or in a preview would change. */
export interface Change {
  /** Logical name, such as `ftgo-consumer-service/v2`. */
  readonly name: string;
  /** Pulumi's type token. */
  readonly type: string;
  readonly operation: Operation;
  /** Properties that differ, such as `spec.template.spec.containers[0].image`. */
  readonly properties: readonly string[];
}

/** What is told while the engine works. */
export type Progress =
  | { readonly kind: "started"; readonly name: string; readonly type: string; readonly operation: Operation }
  | {
      readonly kind: "done" | "failed";
      readonly name: string;
      readonly type: string;
      readonly operation: Operation;
      /** Time that the operation took, in milliseconds. */
      readonly durationMs: number;
    }
  | {
      readonly kind: "message";
      readonly severity: "info" | "warning" | "error";
      /** Empty when it is about no resource. */
      readonly name: string;
      readonly type: string;
      readonly text: string;
    }
  | { readonly kind: "notice"; readonly text: string };

const stackType = "pulumi:pulumi:Stack";

/** Folds the events of one engine run into what a caller wants to know. */
export class EventLog {
  readonly changes: Change[] = [];
  /** Resources that a refresh found changed (`update`) or gone (`delete`). */
  readonly drifted: Change[] = [];
  readonly failures: Failure[] = [];
  /** Whether the engine has come so far that it may change something. */
  begun = false;
  /** The program's outputs without the secret ones. */
  outputs: Record<string, unknown> = {};
  private readonly started = new Map<string, number>();
  private readonly failed = new Set<string>();
  /** Errors by URN; those of no resource under "". */
  private readonly reasons = new Map<string, string[]>();

  constructor(
    private readonly report: (progress: Progress) => void,
    private readonly now: () => number = Date.now,
  ) {}

  /** Takes the next event of the engine. */
  readonly add = (event: EngineEvent): void => {
    if (event.preludeEvent) this.begun = true;
    if (event.resourcePreEvent) this.begin(event.resourcePreEvent.metadata, event.resourcePreEvent.planning === true);
    if (event.resOutputsEvent) this.end(event.resOutputsEvent.metadata, event.resOutputsEvent.planning === true);
    if (event.resOpFailedEvent) this.fail(event.resOpFailedEvent.metadata);
    if (event.diagnosticEvent) this.tell(event.diagnosticEvent);
  };

  /** Errors of no resource that failed: the program's, or the engine's own. */
  get otherErrors(): string[] {
    const texts = [...this.reasons].flatMap(([urn, reasons]) => {
      const where = urn === "" ? "" : `${nameOf(urn)}: `;
      return this.failed.has(urn) ? [] : reasons.map((reason) => where + withoutStack(reason));
    });
    // The engine says again what the program has said.
    return texts.filter(
      (text, index) => !texts.some((other, at) => other.endsWith(text) && (other !== text || at < index)),
    );
  }

  private begin(step: StepEventMetadata, planning: boolean): void {
    const operation = workOf(step.op);
    if (operation === undefined || (planning && operation !== "refresh") || !isOwnState(step)) return;
    this.started.set(step.urn, this.now());
    this.report({ kind: "started", ...identify(step), operation });
  }

  private end(step: StepEventMetadata, planning: boolean): void {
    if (step.type === stackType && step.new?.outputs) this.outputs = withoutSecrets(step.new.outputs);
    if (!isOwnState(step)) return;
    const properties = Object.keys(step.detailedDiff ?? {});
    const change = changeOf(step.op);
    if (change !== undefined) this.changes.push({ ...identify(step), operation: change, properties });
    const operation = workOf(step.op);
    if (operation === "refresh") {
      if (!step.new) this.drifted.push({ ...identify(step), operation: "delete", properties });
      else if (properties.length > 0) this.drifted.push({ ...identify(step), operation: "update", properties });
    }
    if (operation === undefined || (planning && operation !== "refresh")) return;
    this.report({ kind: "done", ...identify(step), operation, durationMs: this.since(step.urn) });
  }

  private fail(step: StepEventMetadata): void {
    const operation = workOf(step.op) ?? "update";
    const { name, type } = identify(step);
    this.failed.add(step.urn);
    this.failures.push({ resource: name, type, reason: (this.reasons.get(step.urn) ?? []).join("\n") });
    this.report({ kind: "failed", name, type, operation, durationMs: this.since(step.urn) });
  }

  private tell(diagnostic: NonNullable<EngineEvent["diagnosticEvent"]>): void {
    const text = plain(diagnostic.message).trim();
    // The SDK's debug lines come too; the declared type does not know them.
    if (text === "" || (diagnostic.severity as string) === "debug") return;
    // So it is wherever they had to be built.
    if (/^using pulumi-\S+ from \$PATH/.test(text)) return;
    // What the program says comes with the stack's URN.
    const urn = diagnostic.urn && !diagnostic.urn.includes(`::${stackType}::`) ? diagnostic.urn : "";
    const name = nameOf(urn);
    const severity = diagnostic.severity === "info#err" ? "info" : diagnostic.severity;
    const type = typeOf(urn);
    if (diagnostic.ephemeral) return this.report({ kind: "message", severity: "info", name, type, text });
    // That it failed is known; why is what counts.
    if (/^(update|preview|destroy) (failed|canceled)$/.test(text)) return;
    if (severity === "error") this.reasons.set(urn, [...(this.reasons.get(urn) ?? []), text]);
    this.report({ kind: "message", severity, name, type, text });
  }

  private since(urn: string): number {
    return this.now() - (this.started.get(urn) ?? this.now());
  }
}

/** Secrets come masked, in Pulumi's wrapper for them. */
export function withoutSecrets(outputs: Record<string, unknown>): Record<string, unknown> {
  const shown = ([, value]: [string, unknown]) =>
    value !== "[secret]" && !(typeof value === "object" && value !== null && "ciphertext" in value);
  return Object.fromEntries(Object.entries(outputs).filter(shown));
}

/** The engine marks colours as `<{%fg 1%}>`, puts several errors into one as a list with a heading, and says which hook said it. */
function plain(text: string): string {
  return text
    .replace(/<\{%[^%]*%\}>/g, "")
    .replace(/^\d+ errors? occurred:\s*\n/, "")
    .replace(/^\s*\* /gm, "")
    .replace(/^(Preview failed: )?before hook "[^"]*" failed: /gm, "");
}

/** Where in the sources an error came up is of use to who works on them alone. */
function withoutStack(text: string): string {
  const message = text.replace(/^Unhandled exception: (Error: )?/, "");
  return process.env["FTGO_DEBUG"] === "1" ? message : message.replace(/\n\s+at [^]*$/, "");
}

/** Components and providers have no state of their own to show. */
function isOwnState(step: StepEventMetadata): boolean {
  if (step.type.startsWith("pulumi:providers:")) return false;
  return step.new?.custom ?? step.old?.custom ?? false;
}

/** The last type of the chain of parents in a URN. */
function typeOf(urn: string): string {
  return urn.split("::")[2]?.split("$").at(-1) ?? "";
}

function identify(step: StepEventMetadata): { name: string; type: string } {
  return { name: nameOf(step.urn), type: step.type };
}

/** `urn:pulumi:local::ftgo::<type>::consumer/v2` is `consumer/v2`. */
function nameOf(urn: string): string {
  return urn.split("::").slice(3).join("::");
}

/** What a step does, while it does it. A replacement is told of by its creating part. */
function workOf(op: string): Operation | undefined {
  switch (op) {
    case "create":
    case "update":
    case "delete":
    case "read":
    case "refresh":
      return op;
    case "create-replacement":
      return "replace";
    default:
      return undefined;
  }
}

/** The change that a step stands for. Of the three steps of a replacement it is the one that knows what differs. */
function changeOf(op: string): Operation | undefined {
  return op === "create" || op === "update" || op === "delete" || op === "replace" ? op : undefined;
}
