import type * as grpc from "@grpc/grpc-js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import type { PluginAttach } from "@pulumi/pulumi/proto/plugin_pb";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import * as rpc from "@pulumi/pulumi/proto/provider_pb";
import type { EngineLog } from "../engine-log";
import { constructChart } from "./chart";
import { check } from "./check";
import { Cluster } from "./cluster";
import { create } from "./create";
import { changesBetween } from "./diff";
import { diffResponse } from "./diff-response";
import { toServiceError } from "./errors";
import { withoutIgnored } from "./ignored";
import { replacingPaths } from "./immutable";
import { connectionOf } from "./kubeconfig";
import { decode } from "./manifests";
import { read } from "./read";
import { remove } from "./remove";
import { subjectOf, withoutNamespace } from "./resource";
import type { Provider } from "./resource";
import { redactor } from "./secrets";
import { configChanges, settingsOf } from "./settings";
import { fromStruct, toStruct } from "./struct-codec";
import { update } from "./update";
import { isUnready, unreadyPath, withoutUnready } from "./unready";
import { text } from "./wire";
import type { Fields, Value } from "./wire";

/** The version of the official plugin whose rules are kept here. */
const version = "4.34.2";

export interface Service {
  methods: Record<string, grpc.UntypedHandleCall>;
  /** Ends every wait; what it waited for is kept in the state as not ready. */
  cancel: () => void;
}

/** The plugin protocol: unpacks each request, does what it asks, and packs the answer. */
export function createService(log: EngineLog): Service {
  let cancelled = new AbortController();
  const warned = new Set<string>();
  let configured: Provider | undefined;
  const provider = (): Provider => {
    if (configured) return configured;
    throw new Error("the Kubernetes provider is not configured yet");
  };

  const cancel = () => {
    cancelled.abort();
  };
  const methods = {
    handshake: answering(({ request }: { request: rpc.ProviderHandshakeRequest }) => {
      log.attach(request.getEngineAddress());
      const response = new rpc.ProviderHandshakeResponse();
      response.setAcceptSecrets(true);
      response.setAcceptResources(false);
      response.setAcceptOutputs(false);
      response.setSupportsAutonamingConfiguration(true);
      return response;
    }),
    attach: answering(({ request }: { request: PluginAttach }) => {
      log.attach(request.getAddress());
      return new Empty();
    }),
    getPluginInfo: answering(() => {
      const info = new PluginInfo();
      info.setVersion(version);
      return info;
    }),
    cancel: answering(() => {
      cancel();
      return new Empty();
    }),

    checkConfig: answering(({ request }: { request: rpc.CheckRequest }) => {
      const response = new rpc.CheckResponse();
      response.setInputs(request.getNews());
      return response;
    }),
    diffConfig: answering(({ request }: { request: rpc.DiffRequest }) => {
      const olds = fromStruct(request.getOldInputs() ?? request.getOlds());
      const { changed, replaces } = configChanges(olds, fromStruct(request.getNews()));
      const response = new rpc.DiffResponse();
      const { DIFF_SOME, DIFF_NONE } = rpc.DiffResponse.DiffChanges;
      response.setChanges(changed.length > 0 ? DIFF_SOME : DIFF_NONE);
      response.setDiffsList(changed);
      response.setReplacesList(replaces);
      return response;
    }),
    configure: answering(({ request }: { request: rpc.ConfigureRequest }) => {
      log.message("offline stand-in for pulumi-resource-kubernetes in use");
      const settings = settingsOf(fromStruct(request.getArgs()));
      const connection = connectionOf(settings);
      cancelled = new AbortController(); // a plugin that is kept running serves one update after another
      configured = {
        settings,
        cluster: new Cluster(connection),
        namespace: settings.namespace ?? connection.namespace ?? "default",
        cancelled: cancelled.signal,
        status: (line, urn) => {
          log.status(line, urn);
        },
        warn: (line) => {
          if (!warned.has(line)) log.message(line, "warning");
          warned.add(line);
        },
      };
      const response = new rpc.ConfigureResponse();
      response.setAcceptsecrets(true);
      response.setSupportspreview(true);
      response.setSupportsAutonamingConfiguration(true);
      return response;
    }),

    check: answering(async ({ request }: { request: rpc.CheckRequest }) => {
      const inputs = { olds: fromStruct(request.getOlds()), news: fromStruct(request.getNews()) };
      const { inputs: checked, failures } = await check(provider(), request.getUrn(), inputs, {
        seed: request.getRandomseed_asU8(),
        proposedName: proposedName(request),
      });
      const response = new rpc.CheckResponse();
      response.setInputs(toStruct(checked));
      for (const { property, reason } of failures) {
        const failure = new rpc.CheckFailure();
        failure.setProperty(property);
        failure.setReason(reason);
        response.addFailures(failure);
      }
      return response;
    }),
    diff: answering(async ({ request }: { request: rpc.DiffRequest }) => {
      const urn = request.getUrn();
      const olds = subjectOf(urn, fromStruct(request.getOldInputs()));
      const news = subjectOf(urn, fromStruct(request.getNews()));
      const { settings, cluster } = provider();
      const replacing = replacingPaths(news.gvk, news.object, {
        configMaps: settings.enableConfigMapMutable,
        secrets: settings.enableSecretMutable,
      });
      // A kind that is not known yet was taken to be namespaced; by now it may be known that it is not.
      const namespaced = await cluster.resource(news.gvk).then(
        (resource) => resource.namespaced,
        () => true,
      );
      const [before, after] = namespaced
        ? [olds.object, news.object]
        : [withoutNamespace(olds.object), withoutNamespace(news.object)];
      const id = request.getId();
      const changes = (await isUnready(provider(), news, id))
        ? changesBetween(withoutUnready(before), after, id, [...replacing, unreadyPath])
        : changesBetween(before, after, id, replacing);
      // In an update the engine has put the old values there already; in a refresh it leaves that to the provider.
      return diffResponse(withoutIgnored(changes, request.getIgnorechangesList()));
    }),
    create: answering(async ({ request }: { request: rpc.CreateRequest }) => {
      const options = { timeoutSeconds: request.getTimeout(), preview: request.getPreview() };
      const created = await create(provider(), request.getUrn(), fromStruct(request.getProperties()), options);
      const response = new rpc.CreateResponse();
      response.setId(created.id);
      response.setProperties(toStruct(created.state));
      return response;
    }),
    update: answering(async ({ request }: { request: rpc.UpdateRequest }) => {
      const change = {
        id: request.getId(),
        state: fromStruct(request.getOlds()),
        news: fromStruct(request.getNews()),
        ignoreChanges: request.getIgnorechangesList(),
      };
      const options = { timeoutSeconds: request.getTimeout(), preview: request.getPreview() };
      const response = new rpc.UpdateResponse();
      response.setProperties(toStruct(await update(provider(), request.getUrn(), change, options)));
      return response;
    }),
    read: answering(async ({ request }: { request: rpc.ReadRequest }) => {
      const found = await read(provider(), request.getUrn(), {
        id: request.getId(),
        inputs: fromStruct(request.getInputs()),
        state: fromStruct(request.getProperties()),
      });
      const response = new rpc.ReadResponse();
      response.setId(found?.id ?? "");
      response.setProperties(found && toStruct(found.state));
      response.setInputs(found && toStruct(found.inputs));
      return response;
    }),
    delete: answering(async ({ request }: { request: rpc.DeleteRequest }) => {
      await remove(provider(), request.getUrn(), {
        id: request.getId(),
        inputs: fromStruct(request.getOldInputs()),
        state: fromStruct(request.getProperties()),
        timeoutSeconds: request.getTimeout(),
      });
      return new Empty();
    }),
    invoke: answering(async ({ request }: { request: rpc.InvokeRequest }) => {
      const result = await invoke(request.getTok(), fromStruct(request.getArgs()), provider().cluster);
      const response = new rpc.InvokeResponse();
      response.setReturn(toStruct({ result }));
      return response;
    }),
    construct: answering(async ({ request }: { request: rpc.ConstructRequest }) => {
      if (request.getType() !== "kubernetes:helm.sh/v4:Chart") throw new Error(`${request.getType()} is ${notHere}`);
      const response = new rpc.ConstructResponse();
      response.setUrn(await constructChart(provider(), request));
      response.setState(toStruct({}));
      return response;
    }),
  };
  return { methods, cancel };
}

const notHere = "not part of the offline stand-in for pulumi-resource-kubernetes";

async function invoke(token: string, args: Fields, cluster: Cluster): Promise<Value[]> {
  if (token !== "kubernetes:yaml:decode") throw new Error(`${token} is ${notHere}`);
  return decode(text(args, "text") ?? "", text(args, "defaultNamespace"), cluster);
}

function proposedName(request: rpc.CheckRequest): string | undefined {
  const autonaming = request.getAutonaming();
  if (!autonaming) return undefined;
  return autonaming.getMode() === rpc.CheckRequest.AutonamingOptions.Mode.DISABLE ? "" : autonaming.getProposedName();
}

type Secretive = Partial<Record<"getProperties" | "getNews" | "getOlds" | "getArgs", () => unknown>>;

/** Makes a handler of a function: what it returns is the answer, what it throws the error, without secrets. */
function answering<Q, A>(method: (call: { request: Q }) => A | Promise<A>): grpc.UntypedHandleCall {
  return (call: grpc.ServerUnaryCall<Q, A>, answer: grpc.sendUnaryData<A>) => {
    const run = async () => method(call);
    run().then(
      (response) => {
        answer(null, response);
      },
      (error: unknown) => {
        answer(toServiceError(error, redactorFor(call.request as Secretive)));
      },
    );
  };
}

function redactorFor(request: Secretive): (text: string) => string {
  const parts = [request.getProperties?.(), request.getNews?.(), request.getOlds?.(), request.getArgs?.()];
  const redactors = parts.map((part) => redactor(fromStruct(part as Parameters<typeof fromStruct>[0])));
  return (line) => redactors.reduce((result, redact) => redact(result), line);
}
