// A program of a user's own: a release of Helm's for each service, which is there when its pods are ready.
import { join } from "node:path";
import * as k8s from "@pulumi/kubernetes";
import { connect, readStack } from "../../../components";

function program() {
  const { environment } = readStack();
  const { kubernetes: provider } = connect(environment.cluster, __dirname);
  const home = new k8s.core.v1.Namespace("namespace", { metadata: { name: environment.namespace } }, { provider });
  const namespace = home.metadata.name;
  for (const { key: name, versions } of environment.services) {
    const release = { name, namespace, chart: join(__dirname, "chart"), values: { image: versions[0]?.image } };
    new k8s.helm.v3.Release(name, release, { provider });
  }
}

export = program;
