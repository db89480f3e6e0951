// A program of a user's own whose objects are made and changed one after another, and are ready as soon as they are there.
import * as k8s from "@pulumi/kubernetes";
import type { Resource } from "@pulumi/pulumi";
import { connect, readStack } from "../../../components";

function program() {
  const { environment } = readStack();
  const { kubernetes: provider } = connect(environment.cluster, { projectDir: __dirname });
  const home = new k8s.core.v1.Namespace("namespace", { metadata: { name: environment.namespace } }, { provider });
  const namespace = home.metadata.name;
  environment.services.reduce<Resource>((dependsOn, { key: name, versions: [version] }) => {
    const data = { image: version?.image ?? "" };
    return new k8s.core.v1.ConfigMap(name, { metadata: { name, namespace }, data }, { provider, dependsOn });
  }, home);
}

export = program;
