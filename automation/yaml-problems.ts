import type { Document, YAMLError } from "yaml";

/** Why a text is no YAML that can be worked with, where, and what to do; undefined when it is. */
export function yamlProblem(text: string, document: Document): string | undefined {
  const mark = /^(<{7}|={7}|>{7})( .*)?$/m.exec(text);
  if (mark) return `${lineOf(text, mark.index)} is the mark of a merge conflict; keep one of the two sides`;
  const control = controlCharacter.exec(text);
  if (control) {
    const code = control[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
    return `${lineOf(text, control.index)} has the control character U+${code}; remove it`;
  }
  const [error] = [...document.errors, ...document.warnings];
  if (error !== undefined) return sentence(error);
  if (document.directives?.yaml.explicit === true) {
    return "it begins with a %YAML line, by which readers take the rest in different ways; remove that line";
  }
  return undefined;
}

const controlCharacter = /[\0-\x08\v\f\x0e-\x1f\x7f]/;

function lineOf(text: string, index: number): string {
  return `line ${text.slice(0, index).split("\n").length}`;
}

/** The library's errors in other words where its own would need the specification of YAML at hand. */
const words: Partial<Record<YAMLError["code"], string>> = {
  BLOCK_AS_IMPLICIT_KEY:
    "a second `: ` makes a map of the value; put the value in quotes, or, if the next line is another key, indent it like the " +
    "keys that it belongs to",
  BLOCK_IN_FLOW: "a second `: ` makes a map of the value; put the value in quotes",
  DUPLICATE_KEY: "this key stands in its map twice; put what is under both of them under one",
  MULTILINE_IMPLICIT_KEY: "this line is no `key: value`",
  MULTIPLE_DOCS: "a second document begins here, and a stack file is one; remove the line `---`",
  RESOURCE_EXHAUSTION: "it is nested too deeply to be read",
  TAG_RESOLVE_FAILED: "a tag (`!…`) means nothing here; remove it",
};

/** Where, and what. The library would show the line, or quote of it: a password may stand there in plain text. */
function sentence({ code, message }: YAMLError): string {
  const [, own = message, place = ""] = /^(.*?) at (line \d+, column \d+)/s.exec(message) ?? [];
  const says = words[code] ?? (code === "UNEXPECTED_TOKEN" ? own.replace(/: .*$/s, "") : own);
  // How deep is too deep is an affair of this process.
  const where = code === "RESOURCE_EXHAUSTION" ? place.replace(/,.*/, "") : place;
  return where === "" ? says : `${where}: ${says}`;
}
