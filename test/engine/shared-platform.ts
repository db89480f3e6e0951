import { Platform } from "./platform-lab";

let shared: { lab: Platform; started: Promise<void> } | undefined;

/** The lab of this run, started when the first test asks for it. */
export async function platform(): Promise<Platform> {
  if (shared === undefined) {
    const lab = new Platform();
    shared = { lab, started: lab.start() };
  }
  await shared.started;
  return shared.lab;
}

// On the root suite: after the last file that uses it.
after(async () => {
  await shared?.lab.remove();
});
