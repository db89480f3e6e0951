import { connect } from "../../components/platform";
import type { EksConfig } from "../../components/config/cluster";
import { eksConfig, record, type Recording } from "./aws-mocks";

/** The AWS part of the program. */
export function platform(config: EksConfig) {
  const { eks, kubernetes } = connect(config, { projectDir: "" });
  if (eks === undefined) throw new Error("no EKS");
  return { cluster: eks.cluster, kubernetes };
}

const recordings = new Map<string, Promise<Recording>>();

/** What the AWS part registers for a config; each config is run once. */
export function made(given: Record<string, unknown> = {}): Promise<Recording> {
  const key = JSON.stringify(given);
  const recording = recordings.get(key) ?? record(() => platform(eksConfig(given)));
  recordings.set(key, recording);
  return recording;
}

/** Inputs of one resource of it. */
export async function inputs(name: string, given: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
  return (await made(given)).get(name).inputs;
}
