import { isAlias, isMap, isNode, isScalar, isSeq, type Document, type Scalar } from "yaml";
import { keyPrefix } from "../components/config";
import { knownKeys } from "../components/config/known-keys";
import { closest, formatPath, nearest, type Problem } from "../components/config/problems";

/** Keys that Pulumi knows at the top of a stack file; others are lost when it writes the file. */
const topKeys = ["config", "secretsprovider", "encryptedkey", "encryptionsalt", "environment"];

/** What is wrong with the file around its config. */
export function shapeProblems({ contents }: Document): Problem[] {
  if (contents !== null && !isMap(contents)) {
    return [{ path: "config", message: "is missing: the file holds no `key: value` at its top" }];
  }
  const keys = contents?.items.map(({ key }) => nameOf(key)) ?? [];
  const strangers = keys.filter((key) => !topKeys.includes(key));
  const problems = strangers.map((path) => ({ path, message: `is not a known key${closest(path, topKeys)}` }));
  if (strangers.some((key) => nearest(key, topKeys) === "config")) return problems;
  const config = contents?.get("config", true);
  if (isMap(config)) return problems;
  const keysOfConfig = knownKeys([], {}).map((key) => keyPrefix + key);
  const isThere = keys.includes("config") && !(isScalar(config) && config.value === null);
  const message = `${isThere ? "is no map" : "is missing"}; under it stand ${keysOfConfig.join(", ")}`;
  return [...problems, { path: "config", message }];
}

/**
 * What Pulumi would read in another way than the check does, by its key: its reader is one of YAML 1.1 in part. Without
 * this the check would be of other values than those that go up.
 */
export function readerProblems(document: Document): Problem[] {
  const config = document.get("config");
  if (!isMap(config)) return [];
  return config.items.flatMap(({ key, value }) => {
    const name = nameOf(key);
    return name.startsWith(keyPrefix) ? inside(value, [name]) : ofStranger(name);
  });
}

/** A key that is not the program's: it may have been meant to be. */
function ofStranger(name: string): Problem[] {
  const known = knownKeys([], {});
  if (!name.includes(":")) {
    const message = known.includes(name)
      ? `is written without "${keyPrefix}", which Pulumi takes for the same key; write ${keyPrefix}${name}`
      : `is not a known key${closest(
          keyPrefix + name,
          known.map((key) => keyPrefix + key),
        )}`;
    return [{ path: name, message }];
  }
  const [project = "", ...rest] = name.split(":");
  if (nearest(project.toLowerCase(), [keyPrefix.slice(0, -1)]) === undefined) return [];
  return [{ path: name, message: `is not a known key; did you mean "${keyPrefix}${rest.join(":")}"?` }];
}

function inside(node: unknown, path: readonly PropertyKey[]): Problem[] {
  const where = formatPath(path);
  if (isNode(node) && node.tag !== undefined) {
    return [{ path: where, message: "has a tag, which readers of YAML take in different ways; remove it" }];
  }
  if (isMap(node)) {
    return node.items.flatMap(({ key, value }) => {
      const below = [...path, nameOf(key)];
      return [...ofKey(key, below), ...inside(value, below)];
    });
  }
  if (isSeq(node)) return node.items.flatMap((item, index) => inside(item, [...path, index]));
  const message = isScalar(node) ? ofScalar(node, path.at(-2) === "env") : undefined;
  return message === undefined ? [] : [{ path: where, message }];
}

function ofScalar(scalar: Scalar, isVariable: boolean): string | undefined {
  if (isAmbiguous(scalar))
    return "is one value to Pulumi and another one to other readers of YAML; write a plain number, or put it in quotes";
  const { value, source } = scalar;
  if (!isVariable || !Number.isFinite(value) || String(value) === source) return undefined;
  return `is read as the number ${String(value)}; put it in quotes to hand it over as it is written`;
}

function ofKey(key: unknown, path: readonly PropertyKey[]): Problem[] {
  const where = formatPath(path);
  if (nameOf(key) === "__proto__") return [{ path: where, message: "has a name that cannot be used; choose another" }];
  if (!isScalar(key) || !isAmbiguous(key)) return [];
  return [{ path: where, message: "has a key that not all readers of YAML take for the same; put the key in quotes" }];
}

function nameOf(key: unknown): string {
  if (isScalar(key)) return String(key.value);
  return isAlias(key) ? `*${key.source}` : String(key);
}

/** Dates, and numbers in forms that only one of the two readers knows: 010, 0b11, 1_000. */
function isAmbiguous({ type, source = "" }: Scalar): boolean {
  if (type !== "PLAIN") return false;
  if (/^\d{4}-\d{1,2}-\d{1,2}($|[Tt ])/.test(source) || /^[-+]?0[0-7]+$/.test(source)) return true;
  return /^[-+\d]/.test(source) && pulumiNumber.test(source.replaceAll("_", "")) && !ourNumber.test(source);
}

const pulumiNumber = /^[-+]?(0b[01]+|0o?[0-7]+|0x[\da-f]+|(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?)$/i;
const ourNumber = /^(0o[0-7]+|0x[\da-fA-F]+|[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?)$/;
