import { isDeepStrictEqual } from "node:util";
import { keyPrefix } from "../components/config";
import { isMap } from "../components/config/maps";
import type { HistoryEntry } from "./engine";

/**
 * The newest config of one service that went up well and differs from the given one; undefined when history has none.
 * Updates that were aimed at other parts of the stack prove nothing for this service.
 * @param current what the stack file says of the service now
 * @param history newest first
 */
export function lastGoodConfig(
  key: string,
  current: unknown,
  history: readonly HistoryEntry[],
): Record<string, unknown> | undefined {
  for (const entry of history) {
    if (entry.kind !== "update" || entry.result !== "succeeded" || !covers(entry, key)) continue;
    const config = serviceConfig(entry, key);
    if (config !== undefined && !isDeepStrictEqual(config, current ?? {})) return config;
  }
  return undefined;
}

/** A service's config without variables that have become secret since: each is told once. */
export function withoutVariables(config: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
  const entries = Object.entries(config).map(([key, value]) => {
    if (!isMap(value)) return [key, value] as const;
    if (key === "env")
      return [key, Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name)))] as const;
    return [key, key === "config" ? withoutVariables(value, names) : value] as const;
  });
  return Object.fromEntries(entries);
}

/** What updates have said of one service, newest first, however they went. */
export function serviceConfigs(key: string, history: readonly HistoryEntry[]): Record<string, unknown>[] {
  return history.map((entry) => serviceConfig(entry, key)).filter((config) => config !== undefined);
}

/** The engine keeps that there were targets but not which: for our own updates the message tells. */
function covers({ environment, message }: HistoryEntry, key: string): boolean {
  const aimed = ["target", "exclude"].some((flag) => `pulumi.flag.${flag}` in environment);
  return !aimed || message === serviceMessage(key);
}

/** The message of an update that is aimed at one whole service. */
export function serviceMessage(key: string): string {
  return `ftgo: service ${key}`;
}

/** That of one which is aimed at its route alone: it proves nothing for the pods. */
export function routeMessage(key: string): string {
  return `ftgo: route of service ${key}`;
}

function serviceConfig({ config }: HistoryEntry, key: string): Record<string, unknown> | undefined {
  const text = config[`${keyPrefix}services`]?.value;
  if (text === undefined) return undefined;
  try {
    const services = JSON.parse(text) as Record<string, Record<string, unknown> | null>;
    return key in services ? (services[key] ?? {}) : undefined;
  } catch {
    return undefined;
  }
}
