import { z } from "zod";
import { amountOf, bytes } from "./quantity";
import { image } from "./values";

const store = (defaultImage: string) =>
  z
    .strictObject({
      image: image.default(defaultImage),
      storage: bytes
        .refine((value) => amountOf(value) > 0, { error: "use more than 0" })
        .default("1Gi")
        .describe("Size of the volume when it is made. One that is there is made larger at its PersistentVolumeClaim."),
    })
    .prefault({});

/** Their names in the cluster, which services are told. */
export const storeNames = { mysql: "ftgo-mysql", kafka: "ftgo-kafka", zookeeper: "ftgo-zookeeper" };

/** Name of the service account by which the database knows the Job that makes logins. */
export const loginAccount = `${storeNames.mysql}-login`;

/** MySQL, Kafka and ZooKeeper in the cluster, one pod and one volume each. */
export const dataStores = z.strictObject({
  databaseUser: z
    .string()
    // MySQL allows 32; each password adds nine of its own.
    .regex(/^\w{1,23}$/, "use up to 23 letters, digits and '_'")
    .default("mysqluser")
    .describe("What the names of the services' database users begin with: every password has a user of its own."),
  mysql: store("msapatterns/mysql:latest"),
  kafka: store("confluentinc/cp-kafka:7.9.0"),
  zookeeper: store("confluentinc/cp-zookeeper:7.9.0"),
});
export type DataStoresConfig = z.output<typeof dataStores>;
