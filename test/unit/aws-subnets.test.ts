import { strict as assert } from "node:assert";
import fc from "fast-check";
import { zoneSubnets } from "../../components/aws/subnets";
import { parseCidr } from "../../components/config/cidr";

const zones = ["a", "b", "c", "d", "e", "f"];

/** A VPC anywhere, of any size that the config takes. */
const vpc = fc
  .tuple(fc.integer({ min: 16, max: 18 }), fc.integer({ min: 0, max: 2 ** 18 - 1 }))
  .map(([prefix, place]) => {
    const base = Math.floor(place / 2 ** (18 - prefix)) * 2 ** (32 - prefix);
    return `${[24, 16, 8, 0].map((shift) => Math.floor(base / 2 ** shift) % 256).join(".")}/${prefix}`;
  });

function range(cidr: string): [first: number, last: number] {
  const parsed = parseCidr(cidr);
  assert.ok(parsed, `${cidr} is no CIDR block`);
  return [parsed.base, parsed.base + 2 ** (32 - parsed.prefix) - 1];
}

function allSubnets(cidr: string): string[] {
  return zones.flatMap((zone) => Object.values(zoneSubnets(cidr, zone)) as string[]);
}

describe("zoneSubnets", () => {
  it("keeps every subnet inside the VPC", () => {
    fc.assert(
      fc.property(vpc, (cidr) => {
        const [first, last] = range(cidr);
        for (const [from, to] of allSubnets(cidr).map(range)) assert.ok(from >= first && to <= last);
      }),
    );
  });

  it("lets no two subnets overlap", () => {
    fc.assert(
      fc.property(vpc, (cidr) => {
        const sorted = allSubnets(cidr)
          .map(range)
          .sort(([a], [b]) => a - b);
        sorted.slice(1).forEach(([from], index) => assert.ok(from > (sorted[index]?.[1] ?? -1)));
      }),
    );
  });

  it("gives nodes an eighth, load balancers a 64th, and the control plane 16 addresses", () => {
    fc.assert(
      fc.property(vpc, fc.constantFrom(...zones), (cidr, zone) => {
        const whole = parseCidr(cidr)?.prefix ?? NaN;
        const subnets = zoneSubnets(cidr, zone);
        assert.equal(parseCidr(subnets.private)?.prefix, whole + 3);
        assert.equal(parseCidr(subnets.public)?.prefix, whole + 6);
        assert.equal(parseCidr(subnets.control)?.prefix, 28);
      }),
    );
  });

  it("leaves the upper half of the last eighth free", () => {
    fc.assert(
      fc.property(vpc, (cidr) => {
        const [first, last] = range(cidr);
        const free = last + 1 - (last + 1 - first) / 16;
        for (const [, to] of allSubnets(cidr).map(range)) assert.ok(to < free);
      }),
    );
  });

  it("is the plan that stacks were made by: a change would replace their subnets", () => {
    assert.deepEqual(zoneSubnets("10.0.0.0/16", "a"), {
      private: "10.0.0.0/19",
      public: "10.0.192.0/22",
      control: "10.0.224.0/28",
    });
    assert.deepEqual(zoneSubnets("10.0.0.0/16", "f"), {
      private: "10.0.160.0/19",
      public: "10.0.212.0/22",
      control: "10.0.224.80/28",
    });
  });

  it("refuses what is no VPC or no zone", () => {
    assert.throws(() => zoneSubnets("10.0.0.1/16", "a"), RangeError);
    assert.throws(() => zoneSubnets("10.0.0.0/16", "g"), RangeError);
    assert.throws(() => zoneSubnets("10.0.0.0/16", ""), RangeError);
  });
});
