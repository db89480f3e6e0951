import * as grpc from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";

/** Lines for the person at the terminal, sent through the engine. */
export class EngineLog {
  private client: EngineClient | undefined;

  constructor(address: string | undefined) {
    this.attach(address);
  }

  /** Sends what follows to the engine at `address` (host:port); without an address nothing is sent. */
  attach(address: string | undefined): void {
    this.client?.close();
    this.client = address ? new EngineClient(address, grpc.credentials.createInsecure()) : undefined;
  }

  message(text: string): void {
    const request = new LogRequest();
    request.setMessage(text);
    request.setSeverity(LogSeverity.INFO);
    // An engine that has gone away has nobody to tell; the operation's own result says what matters.
    this.client?.log(request, () => undefined);
  }
}
