import { z } from "zod";
import { image, quantity } from "./values";

const store = (defaultImage: string) =>
  z
    .strictObject({
      image: image.default(defaultImage),
      storage: quantity.default("1Gi").describe("Size of the volume."),
    })
    .prefault({});

/** Their names in the cluster, which services are told. */
export const storeNames = { mysql: "ftgo-mysql", kafka: "ftgo-kafka", zookeeper: "ftgo-zookeeper" };

/** MySQL, Kafka and ZooKeeper in the cluster, one pod and one volume each. */
export const dataStores = z.strictObject({
  databaseUser: z
    .string()
    .regex(/^\w{1,32}$/, "use up to 32 letters, digits and '_'")
    .default("mysqluser"),
  mysql: store("msapatterns/mysql:latest"),
  kafka: store("confluentinc/cp-kafka:7.9.0"),
  zookeeper: store("confluentinc/cp-zookeeper:7.9.0"),
});
export type DataStoresConfig = z.output<typeof dataStores>;
