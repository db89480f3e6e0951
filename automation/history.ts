import { isDeepStrictEqual } from "node:util";
import { keyPrefix } from "../components/config";
import { isMap } from "../components/config/maps";
import type { HistoryEntry } from "./engine";

/**
 * The newest config of one service that went up well and differs from the given one; undefined when history has none.
 * Updates that were aimed at other parts of the stack prove nothing for this service.
 * @param now.current what the stack file says of the service
 * @param now.secretEnv names of its variables that are secret by now: they are left out, each is told once
 * @param history newest first
 */
export function lastGoodConfig(
  key: string,
  { current, secretEnv = [] }: { readonly current: unknown; readonly secretEnv?: readonly string[] },
  history: readonly HistoryEntry[],
): Record<string, unknown> | undefined {
  for (const entry of history) {
    if (entry.kind !== "update" || entry.result !== "succeeded" || !covers(entry, key)) continue;
    const found = serviceConfig(entry, key);
    const config = found && withoutVariables(found, secretEnv);
    if (config !== undefined && !isDeepStrictEqual(config, current ?? {})) return config;
  }
  return undefined;
}

/** What a service, one of its versions or its ConfigMap says without these variables. */
function withoutVariables(config: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
  const entries = Object.entries(config).flatMap(([key, value]): [string, unknown][] => {
    if (!isMap(value)) return [[key, value]];
    if (key === "versions") {
      const versions = Object.entries(value).map(([version, own]) => [
        version,
        isMap(own) ? withoutVariables(own, names) : own,
      ]);
      return [[key, Object.fromEntries(versions)]];
    }
    if (key === "config") return [[key, withoutVariables(value, names)]];
    if (key !== "env") return [[key, value]];
    const kept = Object.entries(value).filter(([name]) => !names.includes(name));
    return kept.length === 0 && Object.keys(value).length > 0 ? [] : [[key, Object.fromEntries(kept)]];
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
