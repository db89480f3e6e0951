import type { Route, Service } from "../config";
import { duration } from "./traffic-policy";

interface Destination {
  readonly destination: { readonly host: string; readonly subset?: string };
  readonly weight?: number;
}

/** Whom a rule is for, and what they get. */
interface Audience {
  readonly headers?: Readonly<Record<string, { readonly regex: string }>>;
  readonly route: readonly Destination[];
}

interface HttpRule extends Pick<Audience, "route"> {
  readonly match?: readonly (Pick<Audience, "headers"> & { readonly method?: { readonly regex: string } })[];
  readonly timeout?: string;
  readonly retries: { readonly attempts: number; readonly retryOn?: string };
}

/** Rules of a service's VirtualService: who gets which version, for how long a request may take, and when it is sent again. */
export function httpRules(service: Service): HttpRule[] {
  return audiences(service).flatMap((audience) => rules(audience, service));
}

/** Testers first, because the first rule that matches wins, then everybody by weight. */
function audiences({ name, route }: Service): Audience[] {
  if (route === undefined) return [{ route: [{ ...to(name), weight: 100 }] }];
  const users = { route: weighted(name, route) };
  if (route.canary?.testers === undefined) return [users];
  const { header, regex } = route.canary.testers;
  return [{ headers: { [header]: { regex } }, route: [to(name, route.canary.version)] }, users];
}

/**
 * Both shares while there are two, else one destination alone: a version at 0 % is not named. A share that could go without
 * saying is said, because another hand's change of it is seen only where there is something to compare it with.
 */
function weighted(host: string, { stable, canary }: Route): Destination[] {
  if (canary === undefined || canary.weight === 0) return [{ ...to(host, stable), weight: 100 }];
  if (canary.weight === 100) return [{ ...to(host, canary.version), weight: 100 }];
  return [
    { ...to(host, stable), weight: 100 - canary.weight },
    { ...to(host, canary.version), weight: canary.weight },
  ];
}

function to(host: string, subset?: string): Destination {
  return { destination: { host, ...(subset !== undefined && { subset }) } };
}

/** Nothing of a request has reached the service then. */
const notProcessed = "connect-failure,refused-stream,reset-before-request";
/** What may be asked twice. */
const readOnly = { regex: "GET|HEAD|OPTIONS" };

function rules({ headers, route }: Audience, { traffic: { timeoutSeconds, retries } }: Service): HttpRule[] {
  const rule = (method: typeof readOnly | undefined, attempts: number, retryOn: string) => ({
    ...((headers ?? method) && { match: [{ ...(headers && { headers }), ...(method && { method }) }] }),
    route,
    ...(timeoutSeconds > 0 && { timeout: duration(timeoutSeconds) }),
    retries: attempts === 0 ? { attempts } : { attempts, retryOn },
  });
  const everything = rule(undefined, retries.attempts, notProcessed);
  if (retries.readOnlyAttempts === undefined) return [everything];
  return [rule(readOnly, retries.readOnlyAttempts, `${notProcessed},gateway-error,reset`), everything];
}

/** The subset of one version. Each has a DestinationRule of its own: a list in one rule cannot be ordered both ways. */
export function subsetSpec(service: Service, version: string) {
  return { host: service.name, subsets: [{ name: version, labels: { version } }] };
}
