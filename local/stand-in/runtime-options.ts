/** What `runtime.options` in Pulumi.yaml asks of the process that runs the program. */
export interface RuntimeOptions {
  /** Arguments of node itself, before the script. */
  nodeArguments: string[];
  environment: Record<string, string>;
}

/** Reads the options as the official host does; `packagemanager` matters to `pulumi install` alone. */
export function runtimeOptions(options: Record<string, unknown>): RuntimeOptions {
  const typescript = options["typescript"] ?? true;
  if (typeof typescript !== "boolean") throw new Error("typescript option must be a boolean");
  const environment: Record<string, string> = { PULUMI_NODEJS_TYPESCRIPT: String(typescript) };
  const tsconfig = text(options, "tsconfig");
  if (tsconfig) environment["PULUMI_NODEJS_TSCONFIG_PATH"] = tsconfig;
  return { nodeArguments: splitWords(text(options, "nodeargs") ?? ""), environment };
}

function text(options: Record<string, unknown>, name: string): string | undefined {
  const value = options[name];
  if (value === undefined || typeof value === "string") return value;
  throw new Error(`${name} option must be a string`);
}

/** Splits like a shell does, with single and double quotes and backslashes, and without any expansion. */
export function splitWords(line: string): string[] {
  const words = line.match(/(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+/gs) ?? [];
  return words.map((word) =>
    word.replace(/\\(.)|"((?:[^"\\]|\\.)*)"|'([^']*)'/gs, (_all, escaped?: string, double?: string, single?: string) =>
      double !== undefined ? double.replace(/\\(["\\$`])/g, "$1") : (escaped ?? single ?? ""),
    ),
  );
}
