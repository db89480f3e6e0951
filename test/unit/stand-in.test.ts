import { strict as assert } from "node:assert";
import { runtimeOptions, splitWords } from "../../local/stand-in/runtime-options";

describe("the stand-in for the language host", () => {
  it("reads the runtime's options as the official host does", () => {
    assert.deepEqual(runtimeOptions({ typescript: false, nodeargs: "--require=sucrase/register --a='b c'" }), {
      nodeArguments: ["--require=sucrase/register", "--a=b c"],
      environment: { PULUMI_NODEJS_TYPESCRIPT: "false" },
    });
    assert.equal(runtimeOptions({}).environment["PULUMI_NODEJS_TYPESCRIPT"], "true");
    assert.throws(() => runtimeOptions({ nodeargs: 1 }), /nodeargs option must be a string/);
    assert.deepEqual(splitWords(`a "b \\"c" d\\ e`), ["a", 'b "c', "d e"]);
  });
});
