import * as grpc from "@grpc/grpc-js";
import { ResourceMonitorClient } from "@pulumi/pulumi/proto/resource_grpc_pb";
import * as rpc from "@pulumi/pulumi/proto/resource_pb";
import { toStruct } from "./struct-codec";
import type { Fields } from "./wire";

/** A resource as a component gives it to the engine. */
export interface Registration {
  /** Type token: `kubernetes:apps/v1:Deployment`. */
  type: string;
  /** Logical name. */
  name: string;
  /** URN. */
  parent: string;
  /** URNs. */
  dependencies: string[];
  /** Only of an object; a component has none. */
  object?: { inputs: Fields; provider: string; retainOnDelete: boolean };
}

/** The engine's ear for the resources of a component that this plugin makes. */
export class ResourceMonitor {
  private readonly client: ResourceMonitorClient;

  /** @param address host:port */
  constructor(address: string) {
    this.client = new ResourceMonitorClient(address, grpc.credentials.createInsecure());
  }

  /** Returns the URN, when the resource is as it should be. */
  async register({ type, name, parent, dependencies, object }: Registration): Promise<string> {
    const request = new rpc.RegisterResourceRequest();
    request.setType(type);
    request.setName(name);
    request.setParent(parent);
    request.setDependenciesList(dependencies);
    request.setCustom(object !== undefined);
    request.setObject(toStruct(object?.inputs ?? {}));
    request.setProvider(object?.provider ?? "");
    request.setRetainondelete(object?.retainOnDelete ?? false);
    request.setAcceptsecrets(true);
    const response = await new Promise<rpc.RegisterResourceResponse>((resolve, reject) => {
      this.client.registerResource(request, (error, answer) => {
        if (error) reject(new Error(error.details));
        else resolve(answer);
      });
    });
    return response.getUrn();
  }

  /** Tells that a component has all its children. */
  async complete(urn: string): Promise<void> {
    const request = new rpc.RegisterResourceOutputsRequest();
    request.setUrn(urn);
    request.setOutputs(toStruct({}));
    await new Promise<void>((resolve, reject) => {
      this.client.registerResourceOutputs(request, (error) => {
        if (error) reject(new Error(error.details));
        else resolve();
      });
    });
  }

  close(): void {
    this.client.close();
  }
}
