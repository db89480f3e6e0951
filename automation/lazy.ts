/* eslint-disable @typescript-eslint/no-require-imports -- `import()` of our own files would need names that a loader which
   only strips types does not resolve */
import type * as Local from "../local";
import type * as ProjectModule from "./project";

/** Modules that take long to load, for commands that should start at once. */
export const lazy = {
  /** Loads what runs other programs. */
  project: () => require("./project") as typeof ProjectModule,
  /** The embedded default: for the commands of this machine, never for scripts. */
  local: () => require("../local") as typeof Local,
};
