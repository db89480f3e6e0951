import { isAlias, isMap, isScalar, isSeq, type Document, type Scalar } from "yaml";
import { formatPath, type Problem } from "../components/config/problems";

/**
 * What Pulumi would read in another way than the check does, by its key: its reader is one of YAML 1.1 in part. Without
 * this the check would be of other values than those that go up.
 */
export function readerProblems(document: Document, keyPrefix: string): Problem[] {
  const config = document.get("config");
  if (!isMap(config)) return [];
  return config.items.flatMap(({ key, value }) => {
    const name = nameOf(key);
    if (!name.includes(":")) {
      const message = `is written without "${keyPrefix}", which Pulumi takes for the same key; write ${keyPrefix}${name}`;
      return [{ path: name, message }];
    }
    return name.startsWith(keyPrefix) ? inside(value, [name.slice(keyPrefix.length)]) : [];
  });
}

function inside(node: unknown, path: readonly PropertyKey[]): Problem[] {
  if (isMap(node)) {
    return node.items.flatMap(({ key, value }) => {
      const below = [...path, nameOf(key)];
      return [...ofKey(key, below), ...inside(value, below)];
    });
  }
  if (isSeq(node)) return node.items.flatMap((item, index) => inside(item, [...path, index]));
  if (!isScalar(node) || !isAmbiguous(node)) return [];
  const message = "is one value to Pulumi and another one to other readers of YAML; put it in quotes";
  return [{ path: formatPath(path), message }];
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
