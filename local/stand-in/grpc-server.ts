import * as grpc from "@grpc/grpc-js";

/**
 * Serves `methods` on a free loopback port and prints the port, which is how the engine finds a plugin.
 * Methods of the service that are not given answer UNIMPLEMENTED, which the engine takes for "an older plugin".
 */
export function servePlugin(
  service: grpc.ServiceDefinition,
  methods: Record<string, grpc.UntypedHandleCall>,
): Promise<grpc.Server> {
  const implementation: grpc.UntypedServiceImplementation = {};
  for (const name of Object.keys(service)) implementation[name] = methods[name] ?? notImplemented(name);
  const server = new grpc.Server({
    "grpc.max_receive_message_length": maxMessageBytes,
    "grpc.max_send_message_length": maxMessageBytes,
  });
  server.addService(service, implementation);
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
      if (error) {
        reject(error);
        return;
      }
      process.stdout.write(`${port}\n`);
      resolve(server);
    });
  });
}

/** The engine's own limit, 400 MiB. */
const maxMessageBytes = 400 * 1024 * 1024;

function notImplemented(name: string): grpc.UntypedHandleCall {
  const error = { code: grpc.status.UNIMPLEMENTED, details: `${name} is not part of the offline stand-in` };
  return (call: unknown, answer?: unknown) => {
    if (typeof answer === "function") (answer as grpc.sendUnaryData<unknown>)(error);
    else (call as grpc.ServerWritableStream<unknown, unknown>).destroy(Object.assign(new Error(error.details), error));
  };
}
