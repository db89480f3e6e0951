export { Mesh, type MeshArgs } from "./mesh";
