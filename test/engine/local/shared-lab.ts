import { Lab } from "../cluster-lab";

/** The cluster of this suite: each start of one costs seconds of two cores. Tests begin with `start`, so that each file also runs alone. */
export const lab = new Lab();

// On the root suite: after the last file that uses it.
after(() => lab.remove());
