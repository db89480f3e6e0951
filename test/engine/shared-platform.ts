import assert from "node:assert/strict";
import { Platform } from "./platform-lab";

let shared: { lab: Platform; traffic: boolean; started: Promise<void> } | undefined;

/** The lab of this run, started when the first test asks for it. @param traffic whether FTGO's pods run and answer */
export async function platform(traffic = false): Promise<Platform> {
  if (shared === undefined) {
    const lab = new Platform(traffic);
    shared = { lab, traffic, started: lab.start() };
  }
  // Where pods are only shown the gateway's address is not on this machine: requests would go elsewhere.
  assert.equal(shared.traffic, traffic, "tests with and without traffic cannot run in one process");
  await shared.started;
  return shared.lab;
}

// On the root suite: after the last file that uses it.
after(async () => {
  await shared?.lab.remove();
});
