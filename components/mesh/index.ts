export { Mesh, type MeshArgs } from "./mesh";
export { type MeshAccess, Proxies, type Sent } from "./proxies";
