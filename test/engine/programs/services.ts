// A program of a user's own: services in a namespace of their own, on a mesh that another stack has installed.
import * as k8s from "@pulumi/kubernetes";
import { connect, Microservice, readStack } from "../../../components";

function program() {
  const { environment } = readStack();
  const { kubernetes: provider } = connect(environment.cluster, __dirname);
  const home = new k8s.core.v1.Namespace(
    "namespace",
    { metadata: { name: environment.namespace, labels: { "istio-injection": "enabled" } } },
    { provider },
  );
  const namespace = home.metadata.name;
  for (const service of environment.services) new Microservice(service.name, { service, namespace }, { provider });
}

export = program;
