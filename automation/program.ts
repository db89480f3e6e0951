import { join } from "node:path";

/**
 * A stack's Pulumi program.
 * @param only services whose resources are enough. @default all of the stack
 * @param env of what it starts itself, to ask the cluster. @default that of this process
 */
export type Program = (
  only?: readonly string[],
  env?: Readonly<NodeJS.ProcessEnv>,
) => Record<string, unknown> | undefined;

/** The program of a project. Sources need no build: whoever runs this has registered a loader for them. */
export function loadProgram(projectDir: string): Program {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- the program is found at run time, and `export =`
  return require(join(projectDir, "index")) as Program;
}
