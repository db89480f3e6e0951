import * as grpc from "@grpc/grpc-js";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import { ErrorResourceInitFailed } from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { PartialFailure } from "./resource";
import { toStruct } from "./struct-codec";

/** An error in the form that gRPC carries to the engine. `redact` takes secrets out of its text. */
export function toServiceError(error: unknown, redact: (text: string) => string): Partial<grpc.ServiceError> {
  const message = redact(error instanceof Error ? error.message : String(error));
  const metadata = new grpc.Metadata();
  if (error instanceof PartialFailure) metadata.add("grpc-status-details-bin", detailsOf(error, message, redact));
  return { code: grpc.status.UNKNOWN, details: message, metadata };
}

/** The detail by which the engine knows that the object exists: it keeps the state and fails the update. */
function detailsOf(failure: PartialFailure, message: string, redact: (text: string) => string): Buffer {
  const detail = new ErrorResourceInitFailed();
  detail.setId(failure.id);
  detail.setReasonsList(failure.reasons.map(redact));
  detail.setProperties(toStruct(failure.state));
  if (failure.inputs) detail.setInputs(toStruct(failure.inputs));
  const packed = new Any();
  packed.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const status = new Status();
  status.setCode(grpc.status.UNKNOWN);
  status.setMessage(message);
  status.addDetails(packed);
  return Buffer.from(status.serializeBinary());
}
