import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { type MeshConfig, testersPolicy } from "../config";
import { metadata } from "../kubernetes";

/** Mutual TLS of a namespace: `PERMISSIVE` takes plain text too, and so requests of everybody. */
export type Mtls = MeshConfig["mtls"];

interface PodsArgs {
  /** Value of the pods' label `app`, and name of the object. */
  readonly app: string;
  readonly namespace: pulumi.Input<string>;
  readonly mtls: Mtls;
}

/** A rule for every request. Callers in plain text have no name that another rule could know them by. */
const everything = [{}];

export interface CallersArgs extends PodsArgs {
  /** Service accounts that may send requests: names of the same namespace's, `<namespace>/<name>` of another's. */
  readonly callers: readonly string[];
}

/** Whose certificate it is, without the domain of the mesh: `ns/<namespace>/sa/<name>`. @param caller as in `CallersArgs` */
export function identity(caller: string, namespace: pulumi.Input<string>): pulumi.Output<string> {
  const [name = "", other = namespace] = caller.split("/").reverse();
  return pulumi.interpolate`ns/${other}/sa/${name}`;
}

/** Pods that take requests of these callers, told by their certificates, and of nobody else. */
export function allowCallers(name: string, args: CallersArgs, opts: pulumi.CustomResourceOptions): pulumi.Resource {
  const { app, mtls, namespace } = args;
  const principals = pulumi.all(
    args.callers.map((caller) => pulumi.interpolate`cluster.local/${identity(caller, namespace)}`),
  );
  // A rule for a list of nobody would be one for everybody.
  const named = args.callers.length === 0 ? [] : [{ from: [{ source: { principals } }] }];
  const rules = mtls === "STRICT" ? named : everything;
  return new k8s.apiextensions.CustomResource(name, policy(args, app, { action: "ALLOW", rules }), opts);
}

export interface WayInArgs extends PodsArgs {
  /** The one port that is open to plain text from outside the mesh. */
  readonly port: number;
  /** Who may send a tester's header from there. @default everybody */
  readonly testers?: { readonly header: string; readonly from: readonly string[] };
}

/** Pods that everybody may send requests to, at one port, in plain text too. */
export function openWayIn(name: string, args: WayInArgs, opts: pulumi.CustomResourceOptions): pulumi.Resource[] {
  const { app, port, testers, mtls } = args;
  const to = [{ operation: { ports: [String(port)] } }];
  const tls = { mtls: { mode: mtls }, portLevelMtls: { [port]: { mode: "PERMISSIVE" } } };
  const objects = [
    { role: "mutual-tls", object: peers(metadataOf(args, app), { selector: podsOf(app), ...tls }) },
    { role: "callers", object: policy(args, app, { action: "ALLOW", rules: [{ to }] }) },
  ];
  if (testers !== undefined) {
    const outside = { notPrincipals: ["*"], ...(testers.from.length > 0 && { notRemoteIpBlocks: testers.from }) };
    const when = [{ key: `request.headers[${testers.header}]`, values: ["*"] }];
    const deny = { action: "DENY", rules: [{ from: [{ source: outside }], to, when }] };
    objects.push({ role: "testers", object: policy(args, testersPolicy(app), deny) });
  }
  return objects.map(({ role, object }) => new k8s.apiextensions.CustomResource(`${name}/${role}`, object, opts));
}

export interface NamespaceSecurityArgs {
  readonly namespace: pulumi.Input<string>;
  readonly mtls: Mtls;
}

/**
 * What holds for all pods of a namespace: mutual TLS, and no requests but those that a policy of their own allows. It has to
 * come after those policies.
 */
export class NamespaceSecurity extends pulumi.ComponentResource {
  constructor(name: string, { namespace, mtls }: NamespaceSecurityArgs, opts?: pulumi.ComponentResourceOptions) {
    super("ftgo:mesh:NamespaceSecurity", name, {}, opts);
    const tls = peers(metadata({ name: "default", namespace }), { mtls: { mode: mtls } });
    const rules = mtls === "STRICT" ? [] : everything;
    const callers = {
      ...authorization,
      metadata: metadata({ name: "default", namespace }),
      spec: { action: "ALLOW", rules },
    };
    new k8s.apiextensions.CustomResource(`${name}/mutual-tls`, tls, { parent: this });
    new k8s.apiextensions.CustomResource(`${name}/callers`, callers, { parent: this });
    this.registerOutputs({});
  }
}

const authorization = { apiVersion: "security.istio.io/v1", kind: "AuthorizationPolicy" };

function policy(args: PodsArgs, name: string, spec: object) {
  return { ...authorization, metadata: metadataOf(args, name), spec: { selector: podsOf(args.app), ...spec } };
}

function peers(metadata: object, spec: object) {
  return { apiVersion: "security.istio.io/v1", kind: "PeerAuthentication", metadata, spec };
}

function podsOf(app: string) {
  return { matchLabels: { app } };
}

function metadataOf({ app, namespace }: PodsArgs, name: string) {
  return metadata({ name, namespace, labels: { app } });
}
