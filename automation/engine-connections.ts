import type { ClientOptions } from "@grpc/grpc-js";
import { withLoopback } from "./engine-environment";

/** Has programs that run in this process reach their engines, each by connections of its own. */
export async function connectDirectly(): Promise<void> {
  // gRPC in this process knows no other way to be told.
  process.env["no_grpc_proxy"] = withLoopback(process.env);
  // The SDK does not close the connections of a program. One that asked for something when its engine was gone goes on trying
  // the engine's port, and the program of a later engine that is given this port would share the connection and its failures.
  const { grpcClientOptions } = (await import("@pulumi/pulumi/runtime/settings.js")) as unknown as {
    grpcClientOptions: ClientOptions;
  };
  grpcClientOptions["grpc.use_local_subchannel_pool"] = 1;
}
