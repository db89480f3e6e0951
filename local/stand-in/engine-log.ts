import * as grpc from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";

export type Severity = "info" | "warning" | "error";

/** Lines for the person at the terminal, sent through the engine so that they appear beside their resource. */
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

  /** A line that stays in the output. */
  message(text: string, severity: Severity = "info", urn = ""): void {
    this.send(text, severity, urn, false);
  }

  /** A line that is only shown while the resource is being worked on; an empty text takes it away. */
  status(text: string, urn: string): void {
    this.send(text, "info", urn, true);
  }

  private send(text: string, severity: Severity, urn: string, ephemeral: boolean): void {
    const request = new LogRequest();
    request.setMessage(text);
    request.setSeverity(severities[severity]);
    request.setUrn(urn);
    request.setEphemeral(ephemeral);
    // An engine that has gone away has nobody to tell; the operation's own result says what matters.
    this.client?.log(request, () => undefined);
  }
}

const severities = { info: LogSeverity.INFO, warning: LogSeverity.WARNING, error: LogSeverity.ERROR };
