export {
  allowCallers,
  type CallersArgs,
  identity,
  type Mtls,
  NamespaceSecurity,
  type NamespaceSecurityArgs,
  openWayIn,
  type WayInArgs,
} from "./access";
export { makeHome } from "./home";
export { Mesh, type MeshArgs, tracingProvider } from "./mesh";
export { type MeshAccess, Proxies, type Sent } from "./proxies";
export { injectedBy } from "./sidecars";
