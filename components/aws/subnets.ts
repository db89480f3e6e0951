import { type Cidr, parseCidr } from "../config/cidr";

/** The CIDR blocks of one availability zone. */
export interface ZoneSubnets {
  /** Nodes and their pods: an eighth of the VPC. */
  readonly private: string;
  /** Load balancers and NAT gateways: a 64th of the VPC. */
  readonly public: string;
  /** The control plane's network interfaces: a /28, as the EKS guide wants it. */
  readonly control: string;
}

const letters = "abcdef";

/**
 * The subnets of a zone. Every letter from a to f has its place in the VPC whether the zone is used or not, so adding or
 * removing a zone moves no other. Of eight equal parts six are the zones' private subnets, one is shared by the public
 * ones, and one holds the control plane's; the rest of that last part is free for what comes later.
 * @param vpc CIDR block of the VPC, /16 to /18
 * @param zone letter of the zone
 */
export function zoneSubnets(vpc: string, zone: string): ZoneSubnets {
  const whole = parseCidr(vpc);
  const slot = letters.indexOf(zone);
  if (whole === undefined || slot < 0 || zone.length !== 1) throw new RangeError(`no subnets for "${vpc}", "${zone}"`);
  return {
    private: formatCidr(part(whole, whole.prefix + 3, slot)),
    public: formatCidr(part(part(whole, whole.prefix + 3, 6), whole.prefix + 6, slot)),
    control: formatCidr(part(part(whole, whole.prefix + 3, 7), 28, slot)),
  };
}

/** The part number `index` of a block that is cut into blocks of `prefix`. */
function part(block: Cidr, prefix: number, index: number): Cidr {
  return { base: block.base + index * 2 ** (32 - prefix), prefix };
}

function formatCidr({ base, prefix }: Cidr): string {
  const octets = [24, 16, 8, 0].map((shift) => Math.floor(base / 2 ** shift) % 256);
  return `${octets.join(".")}/${prefix}`;
}
