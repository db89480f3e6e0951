import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import * as grpc from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { GetRootResourceRequest, GetRootResourceResponse } from "@pulumi/pulumi/proto/engine_pb";
import { getEngine, resetOptions } from "@pulumi/pulumi/runtime/settings";
import * as state from "@pulumi/pulumi/runtime/state";
import { connectDirectly } from "../../automation/engine-connections";

type Callback = (error: grpc.ServiceError | null) => void;

// The SDK's declarations leave it out.
const { withLocalStorage } = state as unknown as { withLocalStorage: <T>(program: () => Promise<T>) => Promise<T> };

/** What a program in this process, as the SDK sets it up, gets when it asks the engine at that address something. */
function ask(address: string): Promise<grpc.status> {
  return withLocalStorage(() => {
    resetOptions("project", "stack", -1, address, address, false, "organization");
    const engine = getEngine() as unknown as { getRootResource(request: GetRootResourceRequest, done: Callback): void };
    return new Promise((resolve) =>
      engine.getRootResource(new GetRootResourceRequest(), (error) => resolve(error?.code ?? grpc.status.OK)),
    );
  });
}

describe("The program of an engine", () => {
  it("reaches it, though it has the port of one that is gone and that its program asked for something then", async () => {
    const gone = createServer().listen(0, "127.0.0.1");
    await once(gone, "listening");
    const address = `127.0.0.1:${(gone.address() as AddressInfo).port}`;
    await once(gone.close(), "close");
    await connectDirectly();
    assert.equal(await ask(address), grpc.status.UNAVAILABLE);

    const server = new grpc.Server();
    const answer = (_: unknown, reply: (error: null, response: GetRootResourceResponse) => void) =>
      reply(null, new GetRootResourceResponse());
    server.addService(EngineService, { getRootResource: answer, log: answer });
    await new Promise<void>((resolve, reject) =>
      server.bindAsync(address, grpc.ServerCredentials.createInsecure(), (error) =>
        error ? reject(error) : resolve(),
      ),
    );
    try {
      assert.equal(await ask(address), grpc.status.OK);
    } finally {
      server.forceShutdown();
    }
  });
});
