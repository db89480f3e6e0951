/**
 * An object's leaves by their paths, such as `spec.template.spec.containers[web].ports[8080].name`. Entries of a list
 * go by their `name`, port or topology key when all have one, else by number; an empty list or map is a leaf.
 */
export function fields(value: unknown, path = ""): Map<string, unknown> {
  if (typeof value !== "object" || value === null || Object.keys(value).length === 0) return new Map([[path, value]]);
  const children: [path: string, child: unknown][] = Array.isArray(value)
    ? entryNames(value).map((name, index) => [`${path}[${name}]`, value[index]])
    : Object.entries(value).map(([key, child]) => [step(path, key), child]);
  return new Map(children.flatMap(([where, child]) => [...fields(child, where)]));
}

function step(path: string, key: string): string {
  if (!/^[\w-]+$/.test(key)) return `${path}["${key}"]`;
  return path === "" ? key : `${path}.${key}`;
}

function entryNames(list: unknown[]): (string | number)[] {
  for (const key of ["containerPort", "port", "topologyKey", "name"]) {
    const names = list.map((entry) => (entry as Record<string, unknown> | null)?.[key]);
    const usable = names.filter((name) => typeof name === "string" || typeof name === "number");
    if (usable.length === list.length && new Set(usable).size === list.length) return usable;
  }
  return [...list.keys()];
}

/** A field that two objects do not agree on. */
export interface Difference {
  readonly path: string;
  readonly expected?: unknown;
  readonly found?: unknown;
}

/** What of `expected` is missing from an object or has another value there, and the paths that it has beside that. */
export function compare(expected: unknown, found: unknown): { wrong: Difference[]; additional: string[] } {
  const [wanted, present] = [fields(expected), fields(found)];
  const wrong = [...wanted]
    .filter(([path, value]) => present.get(path) !== value)
    .map(([path, value]) => ({ path, expected: value, found: present.get(path) }));
  return { wrong, additional: [...present.keys()].filter((path) => !wanted.has(path)) };
}
