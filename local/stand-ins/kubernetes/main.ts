import type * as grpc from "@grpc/grpc-js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { EngineLog } from "../engine-log";
import { servePlugin } from "../grpc-server";
import { whenParentIsGone } from "../parent-process";
import { createService } from "./service";

/** Time for what is under way when the plugin is told to end; the engine kills it after five seconds. */
const graceMilliseconds = 4_000;

const engineAddress = process.argv.slice(2).find((argument) => !argument.startsWith("-"));
const { methods, cancel } = createService(new EngineLog(engineAddress));

void servePlugin(ResourceProviderService as unknown as grpc.ServiceDefinition, methods).then((server) => {
  const end = () => {
    cancel();
    setTimeout(() => process.exit(0), graceMilliseconds).unref();
    server.tryShutdown(() => process.exit(0));
  };
  process.on("SIGINT", end);
  process.on("SIGTERM", end);
  whenParentIsGone(end);
});
