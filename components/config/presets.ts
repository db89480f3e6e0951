import { isMap } from "./maps";
import type { ServiceInput } from "./service";

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
      RESTAURANT_DESTINATIONS_RESTAURANTSERVICEURL: "http://ftgo-restaurant-service:8080",
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
 * @param keys of all services: a preset's callers are those of them that there are
 */
export function withPreset(
  key: string,
  given: Record<string, unknown>,
  keys: readonly string[],
): Record<string, unknown> {
  const preset = presetOf(key);
  const image = Object.hasOwn(presetImages, key) ? presetImages[key] : undefined;
  const { env = {} } = given;
  const { kind = "ClusterIP" } = isMap(given["expose"]) ? given["expose"] : {};
  const callers = kind === "ClusterIP" ? preset?.callers?.filter((caller) => keys.includes(caller)) : [];
  const merged = {
    ...preset,
    ...(callers && { callers }),
    ...given,
    env: isMap(env) ? { ...preset?.env, ...env } : env,
  };
  const named = given["image"] !== undefined || given["versions"] !== undefined;
  return image === undefined || named ? merged : { ...merged, image };
}

/** What the seed says of a service; undefined for a person's own. It may be called `constructor`. */
export function presetOf(key: string): ServiceInput | undefined {
  return Object.hasOwn(presets, key) ? presets[key] : undefined;
}
