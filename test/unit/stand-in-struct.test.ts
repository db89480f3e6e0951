import { strict as assert } from "node:assert";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import fc from "fast-check";
import { fromStruct, toStruct } from "../../local/stand-ins/kubernetes/struct-codec";
import type { Fields } from "../../local/stand-ins/kubernetes/wire";

describe("stand-in: Structs on the wire", () => {
  const anything = fc
    .dictionary(fc.string(), fc.jsonValue())
    .map((value) => JSON.parse(JSON.stringify(value)) as Fields);

  it("gives back whatever was put in", () => {
    fc.assert(
      fc.property(anything, (fields) => {
        assert.deepEqual(fromStruct(Struct.deserializeBinary(toStruct(fields).serializeBinary())), fields);
      }),
    );
  });

  it("reads what google-protobuf writes", () => {
    const fields = { a: [1, "é", null, { b: true, c: {}, d: [] }], e: -0.5 };
    assert.deepEqual(fromStruct(Struct.deserializeBinary(Struct.fromJavaScript(fields).serializeBinary())), fields);
  });
});
