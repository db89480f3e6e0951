import {
  ApiGateway,
  connect,
  ConsumerService,
  injectedBy,
  makeData,
  makeHome,
  Mesh,
  Microservice,
  NamespaceSecurity,
  noData,
  onceThere,
  readStack,
  RestaurantService,
  Telemetry,
  wayIn,
} from "./components";

const kinds = new Map<string, typeof Microservice>([
  ["restaurant", RestaurantService],
  ["consumer", ConsumerService],
  ["gateway", ApiGateway],
]);

/**
 * The whole platform of one stack, from its config alone.
 * @param only keys of services, in an update that targets them alone: what neither they nor the stack's outputs need is left
 * out, which makes such an update as fast in a large stack as in a small one. @default all services, and the mesh
 * @param env of the commands that give credentials, where it is the program that asks the cluster. @default that of this process
 */
function program(only?: readonly string[], env?: Readonly<NodeJS.ProcessEnv>) {
  const { environment, secrets, secretEnvOf } = readStack();
  const platform = connect(environment.cluster, { projectDir: __dirname, env });
  const provider = platform.kubernetes;

  const cluster = { access: platform.access, inPreview: platform.eks === undefined };
  const meshArgs = { config: environment.mesh, telemetry: environment.telemetry, cluster };
  const installs = environment.mesh.install && !only;
  const istio = installs ? new Mesh("mesh", meshArgs, { provider }) : [];
  // Nothing of FTGO before the injector answers: a pod that starts earlier has no sidecar.
  const { resource: home, name: namespace } = makeHome(environment, cluster, { provider, dependsOn: istio });
  const sidecars = injectedBy(home);

  if (installs) {
    const { telemetry, mesh } = environment;
    // Nothing of it either when the file names another namespace than the stack is in.
    const args = { config: telemetry, namespace: namespace.apply(() => mesh.namespace) };
    new Telemetry("telemetry", args, { provider, dependsOn: home });
  }

  const { databasePassword: password, databaseAdminPassword: adminPassword } = secrets;
  const { services: all, dataStores: config } = environment;
  const { mtls } = environment.mesh;
  const dataArgs = { services: all, config, namespace, podAnnotations: sidecars, adminPassword, password, mtls };
  const data = makeData(dataArgs, { provider });

  const mesh = platform.access.apply((access) => ({ ...access, namespace: environment.mesh.namespace }));
  const services = all.map((service) => {
    const { key, name: host } = service;
    if (only && !only.includes(key) && service.expose.kind === "ClusterIP") return { key, host, access: [] };
    const { env, podAnnotations: login, ready } = service.dataStores ? data : noData;
    const podAnnotations = { ...sidecars, ...login };
    const Service = kinds.get(key) ?? Microservice;
    // By the name of its objects, not by its key: who renames a key, or lets two services change their names, means the same
    // objects. Those of another resource would be made over them, and then be deleted with the one before.
    const secretEnv = { values: secretEnvOf(service), hashKey: adminPassword };
    const component = new Service(
      host,
      { service, namespace, mesh, mtls, env, secretEnv, podAnnotations },
      { provider, dependsOn: [...ready] },
    );
    return { key, host, url: wayIn(host, component, platform), access: component.access };
  });
  // After all that says who may call whom: until then a service would turn away its own callers.
  const access = [data, ...services].flatMap((each) => [...each.access]);
  new NamespaceSecurity("security", { namespace: onceThere(access, namespace), mtls }, { provider });

  return {
    namespace,
    gateway: { url: services.find(({ key }) => key === "gateway")?.url },
    services: Object.fromEntries(services.map(({ key, host, url }) => [key, { host, ...(url && { url }) }])),
    ...(platform.eks && { kubeconfig: platform.eks.cluster.kubeconfig }),
  };
}

export = program;
