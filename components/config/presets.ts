import { isMap } from "./maps";
import type { ServiceInput } from "./service";

/**
 * Routes of FTGO's gateway, an application of Spring Cloud Gateway, in the variables that this reads: its own code routes no
 * restaurants at all, and of consumers only what is sent to make them.
 * @param routes what paths begin with, and where they lead
 */
export function springRoutes(routes: Readonly<Record<string, string>>): Record<string, string> {
  const variables = Object.entries(routes).flatMap(([path, uri], index) => [
    [`SPRING_CLOUD_GATEWAY_ROUTES_${index}_ID`, path],
    [`SPRING_CLOUD_GATEWAY_ROUTES_${index}_URI`, uri],
    [`SPRING_CLOUD_GATEWAY_ROUTES_${index}_PREDICATES_0`, `Path=/${path}/**`],
  ]);
  return Object.fromEntries(variables) as Record<string, string>;
}

/** What the seed says of its three services; a stack file's own values win. */
const presets: Record<string, ServiceInput> = {
  restaurant: {
    name: "ftgo-restaurant-service",
    replicas: 2,
    dataStores: true,
    callers: ["gateway"],
    env: { JAVA_OPTS: "-Dsun.net.inetaddr.ttl=30" },
  },
  consumer: {
    name: "ftgo-consumer-service",
    replicas: 1,
    dataStores: true,
    callers: ["gateway"],
    env: { JAVA_OPTS: "-Dsun.net.inetaddr.ttl=30" },
  },
  gateway: {
    name: "ftgo-api-gateway",
    replicas: 2,
    env: {
      JAVA_OPTS: "-Dsun.net.inetaddr.ttl=30",
      CONSUMER_DESTINATIONS_CONSUMERSERVICEURL: "http://ftgo-consumer-service:8080",
      // It does not start without these, whether there are such services or not.
      ORDER_DESTINATIONS_ORDERSERVICEURL: "http://ftgo-order-service:8080",
      ORDER_DESTINATIONS_ORDERHISTORYSERVICEURL: "http://ftgo-order-history-service:8080",
      ...springRoutes({
        consumers: "http://ftgo-consumer-service:8080",
        restaurants: "http://ftgo-restaurant-service:8080",
      }),
    },
    expose: { kind: "LoadBalancer" },
  },
};

/** The seed's images, for a service that names neither an image nor versions. */
export const presetImages: Record<string, string> = {
  restaurant: "msapatterns/ftgo-restaurant-service:latest",
  consumer: "msapatterns/ftgo-consumer-service:latest",
  gateway: "msapatterns/ftgo-api-gateway:latest",
};

/**
 * The service as the stack file gives it, over its preset. Variables are merged, everything else is replaced.
 * @param of.keys of all services: a preset's callers are those of them that there are
 * @param of.secretEnv names of its secret variables, which take the place of a preset's
 */
export function withPreset(
  key: string,
  given: Record<string, unknown>,
  { keys, secretEnv }: { readonly keys: readonly string[]; readonly secretEnv: readonly string[] },
): Record<string, unknown> {
  const preset = presetOf(key);
  const image = Object.hasOwn(presetImages, key) ? presetImages[key] : undefined;
  const { env = {} } = given;
  const { kind = "ClusterIP" } = isMap(given["expose"]) ? given["expose"] : {};
  const callers = kind === "ClusterIP" ? preset?.callers?.filter((caller) => keys.includes(caller)) : [];
  const ofPreset = Object.entries(preset?.env ?? {}).filter(([name]) => !secretEnv.includes(name));
  const merged = {
    ...preset,
    ...(callers && { callers }),
    ...given,
    env: isMap(env) ? { ...Object.fromEntries(ofPreset), ...env } : env,
  };
  const named = given["image"] !== undefined || given["versions"] !== undefined;
  return image === undefined || named ? merged : { ...merged, image };
}

/** What the seed says of a service; undefined for a person's own. It may be called `constructor`. */
export function presetOf(key: string): ServiceInput | undefined {
  return Object.hasOwn(presets, key) ? presets[key] : undefined;
}
