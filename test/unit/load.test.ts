import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { Load } from "../../local";

describe("Requests that Vegeta sends", () => {
  const folder = mkdtempSync(join(tmpdir(), "ftgo-load-"));
  const { PATH: path = "", XDG_CACHE_HOME: cache } = process.env;
  before(() => Object.assign(process.env, { PATH: folder + delimiter + path, XDG_CACHE_HOME: join(folder, "cache") }));
  after(() => {
    process.env["PATH"] = path;
    if (cache === undefined) delete process.env["XDG_CACHE_HOME"];
    else process.env["XDG_CACHE_HOME"] = cache;
    rmSync(folder, { recursive: true });
  });

  const line = (code: number, body: string) =>
    JSON.stringify({ code, error: "", latency: 1, body: Buffer.from(body).toString("base64") });

  /** A program in Vegeta's stead, which sends nothing. */
  function start(attack: string, count?: number): Promise<Load> {
    const program = join(folder, "vegeta");
    const ways = `-version) echo Version: v12.13.0 ;;\nencode) cat ;;\nattack) ${attack} ;;`;
    writeFileSync(program, `#!/bin/sh\ncase "$1" in\n${ways}\nesac\n`);
    chmodSync(program, 0o755);
    return Load.start({ url: "http://here", requests: ["GET /a"], rate: 10, count }, () => undefined);
  }

  it("are given with what answered them, those without an answer too", async () => {
    const load = await start(`printf '%s\\n' '${line(200, '{"version":"v1"}')}' '${line(0, "")}'`, 2);
    assert.deepEqual(
      (await load.all()).map(({ code, answer }) => [code, answer]),
      [
        [200, { version: "v1" }],
        [0, {}],
      ],
    );
  });

  it("end when they are stopped", async () => {
    const load = await start(`trap 'exit 0' INT; echo '${line(200, "")}'; while :; do sleep 0.05; done`);
    setTimeout(() => void load.stop(), 300);
    assert.equal((await load.all()).length, 1);
  });

  it("are all that were asked for, or it is said that they are not", async () => {
    await assert.rejects((await start(`echo '${line(200, "")}'`, 2)).all(), /it has sent 1 of 2 requests/);
  });

  for (const [how, attack, said] of [
    ["has failed", `echo '${line(200, "")}'; exit 1`, /exit code 1/],
    ["was killed", `echo '${line(200, "")}'; kill -KILL $$`, /SIGKILL/],
  ] as const)
    it(`are not given when it ${how}: they were not all counted`, async () => {
      const load = await start(attack);
      await assert.rejects(load.all(), { name: "LocalError", message: said });
    });
});
