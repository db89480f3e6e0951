import * as k8s from "@pulumi/kubernetes";
import {
  ApiGateway,
  connect,
  ConsumerService,
  DataStores,
  DbSecret,
  Mesh,
  Microservice,
  readStack,
  RestaurantService,
  wayIn,
} from "./components";

const kinds = new Map<string, typeof Microservice>([
  ["restaurant", RestaurantService],
  ["consumer", ConsumerService],
  ["gateway", ApiGateway],
]);

/** The whole platform of one stack, from its config alone. */
function program() {
  const { environment, secrets } = readStack();
  const platform = connect(environment.cluster, __dirname);
  const provider = platform.kubernetes;

  const mesh = new Mesh("mesh", { config: environment.mesh }, { provider });
  // Nothing of FTGO before the injector answers: a pod that starts earlier has no sidecar.
  const home = new k8s.core.v1.Namespace(
    "namespace",
    { metadata: { name: environment.namespace, labels: { "istio-injection": "enabled" } } },
    { provider, dependsOn: mesh },
  );
  const namespace = home.metadata.name;

  const username = environment.dataStores.databaseUser;
  const secret = new DbSecret("database", { namespace, username, password: secrets.databasePassword }, { provider });
  const inNamespace = { provider, dependsOn: secret };
  const stores = new DataStores("data", { config: environment.dataStores, namespace, secret }, inNamespace);

  const services = environment.services.map((service) => {
    const { env, podAnnotations } = service.dataStores ? stores.login : {};
    const Service = kinds.get(service.key) ?? Microservice;
    const component = new Service(service.key, { service, namespace, env, podAnnotations }, inNamespace);
    return { key: service.key, host: component.host, url: wayIn(service.key, component, platform) };
  });

  return {
    namespace,
    gateway: { url: services.find(({ key }) => key === "gateway")?.url },
    services: Object.fromEntries(services.map(({ key, host, url }) => [key, { host, ...(url && { url }) }])),
    ...(platform.eks && { kubeconfig: platform.eks.cluster.kubeconfig }),
  };
}

export = program;
