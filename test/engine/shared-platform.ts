import { Platform } from "./platform-lab";

let shared: { lab: Platform; started: Promise<void> } | undefined;

/** The lab of this run, started when the first test asks for it. @param traffic whether FTGO's pods run and answer */
export async function platform(traffic = false): Promise<Platform> {
  if (shared === undefined) {
    const lab = new Platform(traffic);
    shared = { lab, started: lab.start() };
  }
  await shared.started;
  return shared.lab;
}

// On the root suite: after the last file that uses it.
after(async () => {
  await shared?.lab.remove();
});
