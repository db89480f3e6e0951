import { isInside, parseCidr } from "./cidr";
import type { ClusterConfig, EksConfig } from "./cluster";
import { type ExposeConfig, type LoadBalancerConfig, nlbCannot } from "./expose";
import { checkRepeated, type Problem } from "./problems";

/** What an EKS cluster cannot have, beside what each of its keys says. */
export function checkEks({ zones, vpcCidr, endpoint, nodes, admins }: EksConfig): Problem[] {
  const problems: Problem[] = [];
  const prefix = parseCidr(vpcCidr)?.prefix ?? 0;
  if (prefix < 16 || prefix > 18) {
    problems.push({ path: "cluster.vpcCidr", message: `is "${vpcCidr}"; a VPC here has a size from /16 to /18` });
  }
  if (nodes.max < nodes.min) {
    problems.push({
      path: "cluster.nodes.max",
      message: `is ${nodes.max}; it must not be less than min, ${nodes.min}`,
    });
  } else if (nodes.desired < nodes.min || nodes.desired > nodes.max) {
    const range = `give a number from min, ${nodes.min}, to max, ${nodes.max}`;
    problems.push({ path: "cluster.nodes.desired", message: `is ${nodes.desired}; ${range}` });
  }
  return [
    ...problems,
    ...nodes.instanceTypes.flatMap((type, index) =>
      arm.test(type)
        ? [{ path: `cluster.nodes.instanceTypes[${index}]`, message: `is "${type}", an ARM type; nodes are x86-64` }]
        : [],
    ),
    ...endpoint.publicCidrs.flatMap((cidr, index) => {
      const reason = unfitForPublic(cidr);
      return reason === undefined ? [] : [{ path: `cluster.endpoint.publicCidrs[${index}]`, message: reason }];
    }),
    ...checkRepeated("cluster.zones", zones),
    ...checkRepeated("cluster.admins", admins),
    ...checkRepeated("cluster.endpoint.publicCidrs", endpoint.publicCidrs),
  ];
}

/** Families of EC2 types with AWS's own processors: `a1`, and those with a `g` behind their generation. */
const arm = /^(a1|[a-z]+\d+[a-z]*g[a-z]*)\./;

/** Addresses that nobody on the internet has; EKS refuses them. */
const privateBlocks = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].flatMap((block) => parseCidr(block) ?? []);

function unfitForPublic(text: string): string | undefined {
  const cidr = parseCidr(text);
  if (cidr === undefined) return undefined;
  if (cidr.prefix === 0)
    return `is "${text}", which opens the API server to everybody; list the blocks that you work from`;
  const isPrivate = privateBlocks.some((block) => isInside(cidr, block));
  return isPrivate
    ? `is "${text}", private addresses, from which nothing comes over the internet; remove it`
    : undefined;
}

/** What a way in from outside cannot have, by the kind of cluster that it is of. @param path of `expose` */
export function checkExpose(path: string, expose: ExposeConfig, cluster?: ClusterConfig["kind"]): Problem[] {
  if (expose.kind === "ClusterIP") return [];
  if (expose.kind === "NodePort") {
    if (expose.elb === undefined) return [];
    if (cluster !== undefined && cluster !== "eks") {
      const message = `needs a cluster of kind eks, and this one is of kind ${cluster}; use the node port itself`;
      return [{ path: `${path}.elb`, message }];
    }
    return checkLoadBalancer(`${path}.elb`, expose.elb, "NodePort");
  }
  const problems = checkLoadBalancer(path, expose, "LoadBalancer");
  if (expose.certificateArn !== undefined && expose.port === 80) {
    problems.push({ path: `${path}.port`, message: "is 80; with `certificateArn` give 443, where the ELB ends TLS" });
  }
  return problems;
}

/** An ELB takes certificates of its own region alone. */
export function checkRegion(path: string, expose: ExposeConfig, cluster: ClusterConfig): Problem[] {
  if (expose.kind === "ClusterIP" || cluster.kind !== "eks") return [];
  const [where, elb] = expose.kind === "NodePort" ? [`${path}.elb`, expose.elb] : [path, expose];
  const region = elb?.certificateArn?.split(":")[3];
  if (region === undefined || region === cluster.region) return [];
  const message = `is of region ${region}, and the cluster is in ${cluster.region}; name a certificate of that region`;
  return [{ path: `${where}.certificateArn`, message }];
}

/** TLS policies of a Classic ELB; there will be no more. */
const classicPolicy = /^ELBSecurityPolicy-(TLS-1-[12]-2017-01|2016-08|2015-0[235]|2014-(01|10)|2011-08)$/;

function checkLoadBalancer(path: string, elb: LoadBalancerConfig, madeFor: keyof typeof nlbCannot): Problem[] {
  const problems = checkRepeated(`${path}.sourceRanges`, elb.sourceRanges);
  if (elb.tlsPolicy !== undefined && elb.certificateArn === undefined) {
    problems.push({ path: `${path}.tlsPolicy`, message: "needs `certificateArn`; without one there is no TLS" });
  }
  if (elb.type === "classic" && elb.tlsPolicy !== undefined && !classicPolicy.test(elb.tlsPolicy)) {
    const message = `is "${elb.tlsPolicy}", which a Classic ELB does not have; give ELBSecurityPolicy-TLS-1-2-2017-01, or use type nlb`;
    problems.push({ path: `${path}.tlsPolicy`, message });
  }
  if (elb.type === "nlb") {
    const { intervalSeconds } = elb.healthCheck;
    if (madeFor === "LoadBalancer" && intervalSeconds < 10) {
      const message = `is ${intervalSeconds}; the least of an NLB that the cloud makes is 10, because each check may take that long`;
      problems.push({ path: `${path}.healthCheck.intervalSeconds`, message });
    }
    for (const [option, reason] of Object.entries(nlbCannot[madeFor])) {
      if (elb[option as keyof LoadBalancerConfig] === undefined) continue;
      problems.push({
        path: `${path}.${option}`,
        message: `cannot be had with type nlb: ${reason}; remove it, or use type classic`,
      });
    }
  }
  const where = `${path}.idleTimeoutSeconds`;
  const idle = problems.some((problem) => problem.path === where) ? undefined : idleTimeoutProblem(elb);
  return idle === undefined ? problems : [...problems, { path: where, message: idle }];
}

function idleTimeoutProblem({
  type,
  idleTimeoutSeconds: idle,
  certificateArn,
}: LoadBalancerConfig): string | undefined {
  if (idle === undefined) return undefined;
  if (type === "classic") return idle > 4000 ? `is ${idle}; the most of a Classic ELB is 4000` : undefined;
  if (certificateArn !== undefined) return "cannot be had with TLS on an NLB, which stays at 350 s; remove it";
  return idle < 60 ? `is ${idle}; the least of an NLB is 60` : undefined;
}
