import { loginVariables, plainVariables } from "./pod-rules";
import { configCommand, formatPath, nearest, type Problem } from "./problems";
import type { SoundParts } from "./rules";
import type { SecretName } from "./schema";
import { secretProblems } from "./schema-problems";
import type { ServiceConfig } from "./service";
import { ifSound } from "./sound";

/** Secrets that something in the file needs and that are not there. @param stack for commands that they name */
export function checkNeeded({ secrets, services }: SoundParts, stack?: string): Problem[] {
  if (secrets === undefined) return [];
  const usesStores = services.some(([, service]) => ifSound(() => [service.dataStores])[0]);
  const hasVariables = ifSound(() => Object.values(secrets.env).flatMap(Object.keys)).length > 0;
  const needed: Readonly<Record<SecretName, boolean>> = {
    databasePassword: usesStores,
    databaseAdminPassword: usesStores || hasVariables,
  };
  const isMissing = (name: SecretName) => needed[name] && secrets[name] === undefined;
  return (Object.keys(needed) as SecretName[]).flatMap((name) =>
    ifSound(() => (isMissing(name) ? secretProblems(["secrets", name], undefined, stack) : [])),
  );
}

/** Secret variables: of services that there are, and each told once. @param stack for commands that they name */
export function checkSecretEnv({ secrets, keys, services }: SoundParts, stack?: string): Problem[] {
  return Object.entries(secrets?.env ?? {}).flatMap(([key, variables]) => {
    const path = formatPath(["secrets", "env", key]);
    if (!keys.includes(key)) {
      const near = nearest(key, keys);
      const meant = near === undefined ? "" : `did you mean "${near}"? Or, `;
      const remedy = `${meant}if that service is gone: ${configCommand("rm", path, stack)}`;
      return [{ path, message: `is not under \`services\`; ${remedy}` }];
    }
    const service = services.find(([other]) => other === key)?.[1];
    if (service === undefined) return [];
    return Object.keys(variables).flatMap((name) => {
      const where = ifSound(() => placesOf(name, service))[0];
      return where === undefined ? [] : [{ path: `${path}.${name}`, message: `${where}; keep one of the two` }];
    });
  });
}

/** Where else a service is told a variable. */
function placesOf(name: string, service: ServiceConfig): string[] {
  const others = plainVariables(service)
    .filter(([, variables]) => name in variables)
    .map(([place]) => `stands under \`${place}\` too`);
  return service.dataStores && loginVariables.includes(name)
    ? ["comes from the Secret of the database too", ...others]
    : others;
}
