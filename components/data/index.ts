export { makeData, noData } from "./data";
export { DataStores, type DataStoresArgs } from "./data-stores";
export { DbSecret, type DbSecretArgs } from "./db-secret";
