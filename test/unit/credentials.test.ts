import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Credentials, makeCredentials, requireValid } from "../../local/cluster/credentials";

describe("Certificates of the local cluster", () => {
  const folder = mkdtempSync(join(tmpdir(), "ftgo-credentials-"));
  let credentials: Credentials;
  before(async () => {
    credentials = await makeCredentials(join(folder, "credentials"));
  });
  after(() => rmSync(folder, { recursive: true }));

  const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000);
  const refused =
    /^LocalError: The clock of this machine says \S+; the cluster's certificates are valid from \S+ to \S+\.\nSet the clock right/;

  it("are valid from the moment in which they are made, for years", () => {
    for (const hours of [0, 1, 24 * 365 * 9]) requireValid(credentials, inHours(hours));
  });

  it("name the clock when it was set back to before them, or is years ahead", () => {
    for (const hours of [-1, 24 * 365 * 11]) assert.throws(() => requireValid(credentials, inHours(hours)), refused);
  });
});
