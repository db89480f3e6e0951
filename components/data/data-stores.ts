import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { type DataStoresConfig, storeNames } from "../config";
import { metadata, notAwaited, rolledOut } from "../kubernetes";
import type { EnvVar } from "../services";
import type { Database } from "./login";

export interface DataStoresArgs {
  config: DataStoresConfig;
  namespace: pulumi.Input<string>;
  /** Password of MySQL's user `root`. It counts when the volume is made; later it is changed by hand. */
  adminPassword: pulumi.Output<string>;
}

const adminSecret = `${storeNames.mysql}-admin`;

interface Store {
  readonly name: string;
  readonly image: string;
  readonly storage: string;
  readonly port: number;
  /** Istio reads the protocol from the port's name. MySQL's server speaks first, so it is plain TCP to the mesh. */
  readonly portName: string;
  readonly dataPath: string;
  /** User that the image's process runs as. */
  readonly user: number;
  readonly env: EnvVar[];
}

/**
 * MySQL, Kafka and ZooKeeper in the cluster: for each a headless Service and a StatefulSet of one pod with one volume,
 * under the names that the services are told (`ftgo-mysql:3306`, `ftgo-kafka:9092`, `ftgo-zookeeper:2181`).
 */
export class DataStores extends pulumi.ComponentResource {
  /** What a service's pods are told of Kafka and ZooKeeper. */
  readonly env: EnvVar[] = [
    { name: "EVENTUATELOCAL_KAFKA_BOOTSTRAP_SERVERS", value: "ftgo-kafka:9092" },
    { name: "EVENTUATELOCAL_ZOOKEEPER_CONNECTION_STRING", value: "ftgo-zookeeper:2181" },
  ];
  readonly database: Database;

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
    return {
      name: storeNames.mysql,
      ...this.args.config.mysql,
      port: 3306,
      portName: "tcp-mysql",
      dataPath: "/var/lib/mysql",
      user: 999,
      env: [
        { name: "MYSQL_DATABASE", value: "eventuate" },
        { name: "MYSQL_ROOT_PASSWORD", valueFrom: { secretKeyRef: { name: adminSecret, key: "password" } } },
      ],
    };
  }

  private kafka(): Store {
    return {
      name: storeNames.kafka,
      ...this.args.config.kafka,
      port: 9092,
      portName: "tcp-kafka",
      dataPath: "/var/lib/kafka/data",
      user: 1000,
      env: [
        { name: "KAFKA_ADVERTISED_LISTENERS", value: "PLAINTEXT://ftgo-kafka:9092" },
        { name: "KAFKA_ZOOKEEPER_CONNECT", value: "ftgo-zookeeper:2181" },
        { name: "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR", value: "1" },
      ],
    };
  }

  private zookeeper(): Store {
    return {
      name: storeNames.zookeeper,
      ...this.args.config.zookeeper,
      port: 2181,
      portName: "tcp-zookeeper",
      dataPath: "/var/lib/zookeeper/data",
      user: 1000,
      env: [{ name: "ZOOKEEPER_CLIENT_PORT", value: "2181" }],
    };
  }

  private makeStore(store: Store, dependsOn: pulumi.Resource[]): pulumi.Resource {
    const { name, port, portName } = store;
    const labels = { app: name };
    const base = metadata({ name, namespace: this.args.namespace, labels });
    const ports = [{ name: portName, port, targetPort: port }];
    const annotated = (annotations: Record<string, string>) => ({
      ...base,
      annotations: { ...base.annotations, ...annotations },
    });
    const service = { metadata: annotated(notAwaited), spec: { clusterIP: "None", selector: labels, ports } };
    const child = `${this.name}/${name.replace("ftgo-", "")}`;
    new k8s.core.v1.Service(`${child}/service`, service, { parent: this });
    return new k8s.apps.v1.StatefulSet(
      child,
      {
        metadata: annotated(rolledOut),
        spec: {
          replicas: 1,
          serviceName: name,
          // In order, a pod whose image cannot be had would stay for ever: no good revision replaces one that is not ready.
          podManagementPolicy: "Parallel",
          selector: { matchLabels: labels },
          template: { metadata: { labels }, spec: podOf(store) },
          volumeClaimTemplates: [
            {
              metadata: { name: "data" },
              spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: store.storage } } },
            },
          ],
        },
      },
      { parent: this, dependsOn },
    );
  }
}

function podOf({ name, image, port, portName, dataPath, user, env }: Store): k8s.types.input.core.v1.PodSpec {
  return {
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
        // A sub-folder: a fresh file system has a lost+found of its own, which MySQL refuses.
        volumeMounts: [{ name: "data", mountPath: dataPath, subPath: "data" }],
      },
    ],
  };
}
