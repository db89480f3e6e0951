import { Provider } from "@pulumi/kubernetes/provider";
import type * as pulumi from "@pulumi/pulumi";
import { defineService } from "../../components/config";
import type { ServiceInput } from "../../components/config/service";
import { Microservice, type MicroserviceArgs } from "../../components/services";
import { record, type Recording } from "./aws-mocks";

interface Options {
  readonly args?: Partial<MicroserviceArgs>;
  /** Made beside the component's own provider, in the program. */
  readonly opts?: () => pulumi.ComponentResourceOptions;
}

/** What is registered for a service that is not FTGO's. */
export function shop(given: ServiceInput = {}, { args, opts = () => ({}) }: Options = {}): Promise<Recording> {
  return record(() => {
    const service = defineService("shop", given.versions ? given : { image: "example/shop:1", ...given });
    const provider = new Provider("cluster", { kubeconfig: "{}" });
    new Microservice("shop", { service, namespace: "apps", ...args }, { provider, ...opts() });
  });
}

export interface Container {
  readonly name: string;
  readonly [field: string]: unknown;
}
export interface Pod {
  readonly containers: readonly Container[];
  readonly initContainers: readonly Container[];
  readonly [field: string]: unknown;
}
interface Deployment {
  readonly metadata: object;
  readonly spec: {
    readonly template: { readonly metadata: object; readonly spec: Pod };
    readonly [field: string]: unknown;
  };
}

/** Inputs of its Deployment. */
export const deploymentOf = (recording: Recording, name = "shop/deployment") =>
  recording.get(name).inputs as unknown as Deployment;
/** The `spec` of one of its objects. */
export const specOf = (recording: Recording, name: string) =>
  recording.get(name).inputs["spec"] as Record<string, unknown>;
/** The `spec` of its pods. */
export const podOf = async (given: ServiceInput = {}, options: Options = {}) =>
  deploymentOf(await shop(given, options)).spec.template.spec;

/** Security context of a container that Kubernetes' Pod Security Standards call restricted. */
export const restricted = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ["ALL"] },
};
