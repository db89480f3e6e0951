import type * as pulumi from "@pulumi/pulumi";
import type { Service } from "../config";
import type { EnvVar } from "../services";
import { DataStores, type DataStoresArgs } from "./data-stores";
import { DbSecret } from "./db-secret";

interface DataArgs extends Omit<DataStoresArgs, "callers"> {
  /** All services of the stack. */
  services: readonly Service[];
  /** Of the login that services are handed. */
  password: pulumi.Output<string>;
}

/** What services with `dataStores` are told, and wait for. Others do not wait: a database that does not come up is none of theirs. */
interface Data {
  readonly env: readonly EnvVar[];
  readonly podAnnotations: Readonly<Record<string, pulumi.Output<string>>>;
  /** What says who may connect: it has to be there before everybody else is turned away. */
  readonly access: readonly pulumi.Resource[];
  readonly ready: readonly pulumi.Resource[];
}

/** For what uses none. */
export const noData: Data = { env: [], podAnnotations: {}, access: [], ready: [] };

/** The data stores and the login to them; nothing where no service uses them, as in the stack of a team that has its own. */
export function makeData({ services, password, ...args }: DataArgs, opts: pulumi.ComponentResourceOptions): Data {
  const callers = services.filter((service) => service.dataStores).map(({ name }) => name);
  if (callers.length === 0) return noData;
  const stores = new DataStores("data", { ...args, callers }, opts);
  const { namespace, config } = args;
  const login = { namespace, user: config.databaseUser, password, database: stores.database };
  const secret = new DbSecret("database", login, opts);
  const env = [...secret.env, ...stores.env];
  return { env, podAnnotations: secret.podAnnotations, access: stores.access, ready: [secret] };
}
