import {
  oneImage,
  type Route,
  type Service,
  shares,
  stickyGift,
  stickyMatches,
  subsetLabels,
  subsetOf,
  type Version,
} from "../config";
import type { TrafficConfig } from "../config/traffic";
import { duration } from "./traffic-policy";

interface Destination {
  readonly destination: { readonly host: string; readonly subset: string };
  readonly weight?: number;
}

/** A destination with its share of users, in percent. */
interface Share extends Destination {
  readonly weight: number;
}

/** Whom a rule is for, and what they get. */
interface Audience {
  readonly headers?: Readonly<Record<string, { readonly regex: string }>>;
  readonly route: readonly Destination[];
  /** Header `Set-Cookie` of the answers. */
  readonly cookie?: string;
}

interface HttpRule extends Pick<Audience, "route"> {
  readonly headers?: object;
  readonly match?: readonly (Pick<Audience, "headers"> & { readonly method?: { readonly regex: string } })[];
  readonly timeout?: string;
  readonly retries: { readonly attempts: number; readonly retryOn?: string };
}

/** Rules of a service's VirtualService: who gets which version, for how long a request may take, and when it is sent again. */
export function httpRules(service: Service): HttpRule[] {
  return audiences(service).flatMap((audience) => rules(audience, service));
}

/** Testers first, because the first rule that matches wins, then everybody by weight. */
function audiences({ name, route, traffic }: Service): Audience[] {
  if (route === undefined) return [{ route: [{ ...to(name, oneImage), weight: 100 }] }];
  const users = toUsers(weighted(name, route), traffic.stickyVersion);
  if (route.canary?.testers === undefined) return users;
  const { version, testers } = route.canary;
  return [{ headers: by(testers), route: [to(name, version)] }, ...users];
}

/**
 * Everybody by these shares; sticky while there are two, by the numbers that users' cookies have: who has none gets one, and the
 * version that goes with it.
 */
function toUsers(route: readonly Share[], stickyVersion: TrafficConfig["stickyVersion"]): Audience[] {
  const [stable, canary] = route;
  if (stickyVersion === undefined || stable === undefined || canary === undefined) return [{ route }];
  const { ofCanary, known, isNew } = stickyMatches(stickyVersion.cookie, canary.weight);
  const cookie = stickyGift(stickyVersion.cookie, stickyVersion.days);
  const whole = (share: Share) => [{ ...share, weight: 100 }];
  return [
    { headers: by(ofCanary), route: whole(canary) },
    { headers: by(known), route: whole(stable) },
    { headers: by(isNew), route: whole(canary), cookie },
    { route: whole(stable), cookie },
  ];
}

function by({ header, regex }: { readonly header: string; readonly regex: string }): Audience["headers"] {
  return { [header]: { regex } };
}

/** A share that could go without saying is said: another hand's change of it is seen only where there is something to compare. */
function weighted(host: string, route: Route): Share[] {
  return shares(route).map(([version, weight]) => ({ ...to(host, version), weight }));
}

function to(host: string, subset: string): Destination {
  return { destination: { host, subset } };
}

/** Nothing of a request has reached the service then. */
const notProcessed = "connect-failure,refused-stream,reset-before-request";
/** What may be asked twice. */
const readOnly = { regex: "GET|HEAD|OPTIONS" };

function rules({ headers, route, cookie }: Audience, { traffic: { timeoutSeconds, retries } }: Service): HttpRule[] {
  const rule = (method: typeof readOnly | undefined, attempts: number, retryOn: string) => ({
    ...((headers ?? method) && { match: [{ ...(headers && { headers }), ...(method && { method }) }] }),
    route,
    ...(cookie !== undefined && { headers: { response: { add: { "set-cookie": cookie } } } }),
    ...(timeoutSeconds > 0 && { timeout: duration(timeoutSeconds) }),
    retries: attempts === 0 ? { attempts } : { attempts, retryOn },
  });
  const everything = rule(undefined, retries.attempts, notProcessed);
  if (retries.readOnlyAttempts === undefined) return [everything];
  return [rule(readOnly, retries.readOnlyAttempts, `${notProcessed},gateway-error,reset`), everything];
}

/** The subset of one version. Each has a DestinationRule of its own: a list in one rule cannot be ordered both ways. */
export function subsetSpec(service: Service, version: Version) {
  return { host: service.name, subsets: [{ name: subsetOf(version), labels: subsetLabels(version) }] };
}
