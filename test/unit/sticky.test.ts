import { strict as assert } from "node:assert";
import { RE2JS } from "re2js";
import fc from "fast-check";
import { toLiveAudience } from "../../automation/live";
import { toAudience } from "../../automation/route";
import { defineService } from "../../components/config";
import { httpRules } from "../../components/services/route";

const versions = { v1: { image: "shop:1" }, v2: { image: "shop:2" } };
const weights = fc.integer({ min: 1, max: 99 });
const cookies = fc.constantFrom("user", "ftgo-user", "a_b", "x");
const readOnlyAttempts = fc.option(fc.constant(3), { nil: undefined });
const testers = fc.option(
  fc.constantFrom(
    { header: "testuser", regex: "^.+$" },
    { header: "cookie", regex: "tester=1" },
    { header: "x-request-id", regex: "^test" },
  ),
  { nil: undefined },
);

interface Sticky {
  readonly weight: number;
  readonly cookie: string;
  readonly testers?: { readonly header: string; readonly regex: string } | undefined;
  readonly readOnlyAttempts?: number | undefined;
}

function serviceOf({ weight, cookie, testers, readOnlyAttempts }: Sticky) {
  const canary = { version: "v2", weight, testers };
  const traffic = { stickyVersion: { cookie }, retries: { readOnlyAttempts } };
  return defineService("shop", { versions, stable: "v1", canary, traffic });
}

/** The version that a proxy would choose for a request with these headers, and the cookie that it would give. */
function answered(sticky: Sticky, headers: Readonly<Record<string, string>>) {
  const rule = httpRules(serviceOf(sticky)).find(({ match = [{}] }) =>
    match.every(({ headers: wanted = {}, method }) =>
      [...Object.entries(wanted), ...(method ? [["method", method] as const] : [])].every(([name, { regex }]) =>
        RE2JS.matches(regex, name === "method" ? "GET" : (headers[name] ?? "")),
      ),
    ),
  );
  const { response } = (rule?.headers ?? {}) as { response?: { add: Record<string, string> } };
  return { version: rule?.route[0]?.destination.subset, cookie: response?.add["set-cookie"] };
}

const numbers = Array.from({ length: 4096 }, (_, number) => number.toString(16).padStart(3, "0"));
const rest = "c0de1-0000-4000-8000-000000000000";
const known = (cookie: string, number: string) => ({
  cookie: `a=b; ${cookie}=${number}${rest}; c=d`,
  "x-request-id": rest,
});
const isNew = (number: string) => ({ "x-request-id": `${number}${rest}` });

describe("A sticky version", () => {
  it("is the canary for as many of the users as its weight says, new ones and known ones alike", () => {
    for (const weight of [1, 5, 50, 99]) {
      const sticky = { weight, cookie: "user" };
      const ofCanary = numbers.filter((number) => answered(sticky, known("user", number)).version === "v2");
      assert.equal(ofCanary.length, Math.round(40.96 * weight));
      const others = numbers.filter((number) => answered(sticky, isNew(number)).version === "v2");
      assert.deepEqual(others, ofCanary);
    }
  });

  it("stays a user's, by the cookie that he was given, and whatever other weight there is he never goes back to the old one", () =>
    fc.assert(
      fc.property(weights, weights, cookies, fc.constantFrom(...numbers), (one, other, cookie, number) => {
        const { version, cookie: gift = "" } = answered({ weight: one, cookie }, isNew(number));
        assert.ok(gift.startsWith(`${cookie}=%REQ(x-request-id)%; Max-Age=2592000;`), gift);
        assert.deepEqual(answered({ weight: one, cookie }, known(cookie, number)), { version, cookie: undefined });
        if (other >= one && version === "v2")
          assert.equal(answered({ weight: other, cookie }, known(cookie, number)).version, "v2");
      }),
    ));

  it("is not given by another cookie, nor to testers", () => {
    const sticky = { weight: 50, cookie: "user", testers: { header: "testuser", regex: "^.+$" } };
    assert.equal(answered(sticky, { ...known("superuser", "fff"), ...isNew("000") }).version, "v2");
    assert.deepEqual(answered(sticky, { ...known("user", "fff"), testuser: "me" }), {
      version: "v2",
      cookie: undefined,
    });
  });

  it("is read from the live route as config says it", () =>
    fc.assert(
      fc.property(fc.record({ weight: weights, cookie: cookies, testers, readOnlyAttempts }), (sticky) => {
        const service = serviceOf(sticky);
        assert.ok(service.route);
        assert.deepEqual(toLiveAudience({ http: httpRules(service) }), toAudience(service.route));
      }),
    ));

  it("is nobody's while all users get one version", () => {
    for (const weight of [0, 100]) {
      const rules = httpRules(serviceOf({ weight, cookie: "user" }));
      assert.equal(rules.length, 1);
      assert.equal(rules[0]?.headers, undefined);
    }
  });
});
