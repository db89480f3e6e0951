import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addressChanges } from "../../local/cluster/load-balancers";
import { logs } from "../../local/cluster/status";
import { readIfThere, readJson } from "../../local/files";

describe("A file of the local cluster", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "ftgo-test-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it("is a log, of one process by the beginning of its name, or of all; where there is none it is said which there are", () => {
    assert.throws(() => logs(folder), { name: "LocalError", message: "There is no log yet. Logs: none yet." });
    const there = join(folder, ".ftgo", "cluster", "logs");
    mkdirSync(there, { recursive: true });
    writeFileSync(join(there, "etcd.log"), "one\ntwo\nthree\n");
    writeFileSync(join(there, "istiod-1.log"), "ready\n");
    assert.equal(logs(folder, "etcd", 2), "two\nthree");
    assert.equal(logs(folder), "==> etcd <==\none\ntwo\nthree\n\n==> istiod-1 <==\nready");
    assert.throws(() => logs(folder, "kwok"), { message: `There is no log of "kwok". Logs: etcd, istiod-1.` });
  });

  it("counts as absent where it is damaged; what cannot be read is an error", () => {
    const file = join(folder, "state.json");
    writeFileSync(file, `{"phase":`);
    assert.equal(readJson(file), undefined);
    assert.throws(() => readIfThere(folder), { code: "EISDIR" });
  });
});

describe("Load balancers of the local cluster", () => {
  const services = (count: number) =>
    Array.from({ length: count }, (_, index) => ({
      metadata: { name: `s${index}`, uid: `${index}`, resourceVersion: "1" },
      spec: { type: "LoadBalancer" },
    }));

  it("have an address each, of which there are 254", () => {
    assert.equal(new Set(addressChanges(services(254)).map(({ address }) => address)).size, 254);
    assert.throws(() => addressChanges(services(255)), /all 254 load balancer addresses are taken/);
  });
});
