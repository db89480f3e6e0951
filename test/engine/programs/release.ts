// A program of a user's own: what stands in for Istio's base, a release of Helm's, which waits for a pod so that it can be cut off.
import { join } from "node:path";
import * as k8s from "@pulumi/kubernetes";
import { connect, readStack } from "../../../components";
import { baseRelease as name } from "../../../components/config";

function program() {
  const { environment } = readStack();
  const { kubernetes: provider } = connect(environment.cluster, { projectDir: __dirname });
  const metadata = { name: environment.mesh.namespace };
  const home = new k8s.core.v1.Namespace("namespace", { metadata }, { provider });
  const image = environment.services[0]?.versions[0]?.image;
  const release = { name, namespace: home.metadata.name, chart: join(__dirname, "chart"), values: { image } };
  new k8s.helm.v3.Release("base", release, { provider });
}

export = program;
