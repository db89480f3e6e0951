import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { type DataStoresConfig, loginAccount, storeNames } from "../config";
import { metadata, notAwaited, rolledOut } from "../kubernetes";
import { allowCallers, type Mtls } from "../mesh";
import type { EnvVar } from "../services";
import type { Database } from "./login";

export interface DataStoresArgs {
  config: DataStoresConfig;
  namespace: pulumi.Input<string>;
  /** Annotations of the pods. A change rolls them. */
  podAnnotations: Record<string, pulumi.Input<string>>;
  /** Password of MySQL's user `root`. It counts when the volume is made; later it is changed by hand. */
  adminPassword: pulumi.Output<string>;
  /** Mutual TLS of the namespace. */
  mtls: Mtls;
  /** Service accounts of the services that use the stores. */
  callers: readonly string[];
}

const adminSecret = `${storeNames.mysql}-admin`;

interface Store {
  readonly name: string;
  readonly image: string;
  readonly storage: string;
  readonly port: number;
  /** Istio reads the protocol from the port's name. MySQL's server speaks first, so it is plain TCP to the mesh. */
  readonly portName: string;
  /** What it keeps on its volume: folders of the container, and those of the volume. */
  readonly folders: Readonly<Record<string, string>>;
  /** User that the image's process runs as. */
  readonly user: number;
  readonly env: EnvVar[];
  /** Service accounts that may connect, beside those of services. */
  readonly callers: readonly string[];
}

/**
 * MySQL, Kafka and ZooKeeper in the cluster: for each a headless Service and a StatefulSet of one pod with one volume,
 * under the names that the services are told (`ftgo-mysql:3306`, `ftgo-kafka:9092`, `ftgo-zookeeper:2181`).
 */
export class DataStores extends pulumi.ComponentResource {
  /** What a service's pods are told of Kafka and ZooKeeper. */
  readonly env: EnvVar[] = [
    { name: "EVENTUATELOCAL_KAFKA_BOOTSTRAP_SERVERS", value: `${storeNames.kafka}:9092` },
    { name: "EVENTUATELOCAL_ZOOKEEPER_CONNECTION_STRING", value: `${storeNames.zookeeper}:2181` },
  ];
  readonly database: Database;
  /** What says who may connect: it has to be there before everybody else is turned away. */
  readonly access: pulumi.Resource[] = [];

  constructor(
    private readonly name: string,
    private readonly args: DataStoresArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("ftgo:data:DataStores", name, {}, opts);
    const zookeeper = this.makeStore(this.zookeeper(), []);
    this.makeStore(this.kafka(), [zookeeper]);
    const admin = new k8s.core.v1.Secret(
      `${name}/admin`,
      {
        metadata: metadata({ name: adminSecret, namespace: args.namespace }),
        type: "Opaque",
        stringData: { password: pulumi.secret(args.adminPassword) },
      },
      { parent: this },
    );
    const server = this.makeStore(this.mysql(), [admin]);
    const { image } = args.config.mysql;
    this.database = { host: storeNames.mysql, image, adminSecret, adminPassword: args.adminPassword, server };
    this.registerOutputs({});
  }

  private mysql(): Store {
    const admin = { secretKeyRef: { name: adminSecret, key: "password" } };
    return {
      name: storeNames.mysql,
      ...this.args.config.mysql,
      port: 3306,
      portName: "tcp-mysql",
      folders: { "/var/lib/mysql": "data" },
      user: 999,
      env: [
        { name: "MYSQL_ROOT_PASSWORD", valueFrom: admin },
        // FTGO's image makes the database itself, once, and gives it to this user: neither may be missing, nor be there before.
        { name: "MYSQL_USER", value: "mysqluser" },
        { name: "MYSQL_PASSWORD", valueFrom: admin },
      ],
      callers: [loginAccount],
    };
  }

  private kafka(): Store {
    return {
      name: storeNames.kafka,
      ...this.args.config.kafka,
      port: 9092,
      portName: "tcp-kafka",
      folders: { "/var/lib/kafka/data": "data" },
      user: 1000,
      env: [
        { name: "KAFKA_ADVERTISED_LISTENERS", value: `PLAINTEXT://${storeNames.kafka}:9092` },
        { name: "KAFKA_ZOOKEEPER_CONNECT", value: `${storeNames.zookeeper}:2181` },
        { name: "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR", value: "1" },
        // Its own is all of the container's memory.
        { name: "KAFKA_HEAP_OPTS", value: "-Xms512m -Xmx512m" },
      ],
      callers: [storeNames.kafka], // it reaches itself by the name that it tells others
    };
  }

  private zookeeper(): Store {
    return {
      name: storeNames.zookeeper,
      ...this.args.config.zookeeper,
      port: 2181,
      portName: "tcp-zookeeper",
      // It reads its log on top of a snapshot: with one of the two alone it knows nothing, and Kafka does not start again.
      folders: { "/var/lib/zookeeper/data": "data", "/var/lib/zookeeper/log": "log" },
      user: 1000,
      env: [{ name: "ZOOKEEPER_CLIENT_PORT", value: "2181" }],
      callers: [storeNames.kafka],
    };
  }

  private makeStore(store: Store, dependsOn: pulumi.Resource[]): pulumi.Resource {
    const { name, port, portName } = store;
    const { namespace, mtls, podAnnotations: annotations } = this.args;
    const labels = { app: name };
    const described = (annotations = {}) => metadata({ name, namespace, labels, annotations });
    const ports = [{ name: portName, port, targetPort: port }];
    const service = { metadata: described(notAwaited), spec: { clusterIP: "None", selector: labels, ports } };
    const child = `${this.name}/${name.replace("ftgo-", "")}`;
    new k8s.core.v1.Service(`${child}/service`, service, { parent: this });
    const identity = { metadata: described(), automountServiceAccountToken: false };
    const account = new k8s.core.v1.ServiceAccount(`${child}/account`, identity, { parent: this });
    const callers = [...this.args.callers, ...store.callers];
    this.access.push(allowCallers(`${child}/callers`, { app: name, namespace, mtls, callers }, { parent: this }));
    return new k8s.apps.v1.StatefulSet(
      child,
      {
        metadata: described(rolledOut),
        spec: {
          replicas: 1,
          serviceName: name,
          // In order, a pod whose image cannot be had would stay for ever: no good revision replaces one that is not ready.
          podManagementPolicy: "Parallel",
          selector: { matchLabels: labels },
          template: { metadata: { labels, annotations }, spec: podOf(store) },
          volumeClaimTemplates: [
            {
              metadata: { name: "data" },
              spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: store.storage } } },
            },
          ],
        },
      },
      // Kubernetes cannot change them: the pod would be made anew, with the volume as it was.
      { parent: this, dependsOn: [account, ...dependsOn], ignoreChanges: ["spec.volumeClaimTemplates"] },
    );
  }
}

function podOf({ name, image, port, portName, folders, user, env }: Store): k8s.types.input.core.v1.PodSpec {
  return {
    serviceAccountName: name,
    automountServiceAccountToken: false,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: user,
      fsGroup: user,
      seccompProfile: { type: "RuntimeDefault" },
    },
    containers: [
      {
        name,
        image,
        env,
        ports: [{ name: portName, containerPort: port }],
        resources: { requests: { cpu: "100m", memory: "256Mi" }, limits: { memory: "1Gi" } },
        readinessProbe: { tcpSocket: { port } },
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
        // Sub-folders: a fresh file system has a lost+found of its own, which MySQL refuses.
        volumeMounts: Object.entries(folders).map(([mountPath, subPath]) => ({ name: "data", mountPath, subPath })),
      },
    ],
  };
}
