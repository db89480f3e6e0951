import { join } from "node:path";
import type { Platform } from "../test/engine/platform-lab";
import { type Manifest, writeObjects } from "./objects";

/** Where other tools work, on the cluster of a lab. */
export class PeerNamespace {
  readonly name = "peers";

  private constructor(readonly lab: Platform) {}

  static async open(lab: Platform): Promise<PeerNamespace> {
    const home = new PeerNamespace(lab);
    await lab.kubectl("create", "namespace", home.name);
    return home;
  }

  /** Flags by which kubectl, helm and the like reach it. */
  get access(): string[] {
    return ["--kubeconfig", join(this.lab.dir, ".ftgo", "kubeconfig"), "--namespace", this.name];
  }

  kubectl(...args: string[]): Promise<string> {
    return this.lab.kubectl(...args, "--namespace", this.name);
  }

  async apply(...objects: Manifest[]): Promise<void> {
    await this.kubectl("apply", "--server-side", "--filename", writeObjects(this.lab, "peer", objects));
  }
}
