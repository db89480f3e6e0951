import { type Environment, type Service } from "../components/config";
import { closest } from "../components/config/problems";
import type { Part } from "./engine";
import { UsageError } from "./errors";
import type { Edit } from "./stack-file";

/** Requests that see the canary whatever its weight. */
export interface Testers {
  /** Request header that marks a tester. */
  readonly header: string;
  /** RE2 expression that its whole value must match. @default `^.+$` */
  readonly regex?: string;
}

/** What a promotion changes; what is left out stays as it is. */
export interface Promotion {
  /** Share of user requests that the canary gets, in whole percent. */
  readonly weight?: number;
  /** Who sees the canary whatever its weight; null for nobody. */
  readonly testers?: Testers | null;
}

/** @throws UsageError naming the services that there are */
export function findService(environment: Environment, key: string): Service {
  const service = environment.services.find((candidate) => candidate.key === key);
  if (service !== undefined) return service;
  const keys = environment.services.map((candidate) => candidate.key);
  const byName = environment.services.find((candidate) => candidate.name === key);
  const hint = byName ? `; did you mean "${byName.key}"?` : closest(key, keys);
  throw new UsageError(`there is no service "${key}"${hint}`);
}

/** The edits of a promotion. @throws UsageError when the service has no canary */
export function promotionEdits(service: Service, { weight, testers }: Promotion): Edit[] {
  requireCanary(service);
  const canary = ["services", service.key, "canary"];
  return [
    ...(weight === undefined ? [] : [{ path: [...canary, "weight"], value: weight }]),
    ...(testers === undefined ? [] : [{ path: [...canary, "testers"], value: testers ?? undefined }]),
  ];
}

/** The edits that give everybody the stable version. @throws UsageError when the service has no canary */
export function rollbackEdits(service: Service): Edit[] {
  if (service.route && !service.route.canary) {
    throw new UsageError(
      `service ${service.key} has no canary: the stack file gives all users ${service.route.stable}`,
    );
  }
  return promotionEdits(service, { weight: 0, testers: null });
}

/** The edits by which the canary becomes the stable version. @throws UsageError when the service has no canary */
export function finishEdits(service: Service): Edit[] {
  const canary = requireCanary(service);
  return [
    { path: ["services", service.key, "stable"], value: canary },
    { path: ["services", service.key, "canary"], value: undefined },
  ];
}

/** @returns the canary's version */
function requireCanary({ key, route }: Service): string {
  if (route?.canary) return route.canary.version;
  const missing =
    route === undefined
      ? `has one image, so there are no versions to move users between; give it \`versions\`, \`stable\` and \`canary\``
      : `has no canary; add the new version under \`versions\` and \`canary: { version: <its name>, weight: 0 }\``;
  throw new UsageError(`service ${key} ${missing}, then run \`ftgo up\``);
}

/** One service, and who may send testers' headers from outside: its route may name another one. */
export function serviceOf({ key, name }: Service, { services }: Environment): Part {
  const guarded = services.filter(({ expose }) => expose.kind !== "ClusterIP" && expose.testers !== undefined);
  const guards = guarded.flatMap(({ name: exposed }) => [`**::${exposed}`, `**::${exposed}/testers`]);
  return { services: [key], target: [`**::${name}`, `**::${name}/**`, ...guards] };
}

/** One service's route: nothing is waited for but the route itself. */
export function routeOf({ key, name }: Service): Part {
  return { services: [key], target: [`**::${name}/route`] };
}
