import { strict as assert } from "node:assert";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { parse } from "yaml";
import {
  changeStackFile,
  type Edit,
  editStackFile,
  loadEnvironment,
  readStackFile,
  type StackFile,
  writeStackFile,
} from "../../automation/stack-file";
import { editYaml } from "../../automation/yaml-edit";

const text = `# yaml-language-server: $schema=./schema.json
# Stack local.
config:
  ftgo:cluster: { kind: embedded }          # here


  ftgo:services:
    restaurant:
    consumer:
        # what runs
        versions:
            v1: { image: "a/b:1" }   # the first
            v2:
                image: 'a/b:2'
        stable: v1   # for now
        canary: { version: v2, weight: 5 } # promote here
    gateway: {  image:  c  }
    shop: # to come
    shop2:
      replicas: # a range
        min: 1
        max: 2
      env: # none
        A: x
    1: { image: a }
  ftgo:secrets:
    databasePassword:
      secure: v1:${"x".repeat(200)}
    databaseAdminPassword: { secure: v1:y }
encryptionsalt: v1:abc=:v1:def:ghi==
`;
const secrets = "  ftgo:secrets: { databasePassword: { secure: v1:x }, databaseAdminPassword: { secure: v1:x } }\n";
const services = ["config", "ftgo:services"];
const consumer = [...services, "consumer"];

/** The lines that differ, old then new. */
function changed(before: string, after: string): { gone: string[]; come: string[] } {
  const [old, fresh] = [before.split("\n"), after.split("\n")];
  const gone = old.filter((line) => !fresh.includes(line));
  const come = fresh.filter((line) => !old.includes(line));
  const kept = (lines: string[], out: string[]) => lines.filter((line) => !out.includes(line));
  assert.deepEqual(kept(old, gone), kept(fresh, come), "other lines are moved, added or removed");
  return { gone, come };
}

describe("Edits of a stack file keep everything else byte for byte", () => {
  const edits: [what: string, path: string[], value: unknown, gone: string[], come: string[]][] = [
    [
      "a number in a flow map",
      [...consumer, "canary", "weight"],
      25,
      ["        canary: { version: v2, weight: 5 } # promote here"],
      ["        canary: { version: v2, weight: 25 } # promote here"],
    ],
    [
      "a new key in a flow map",
      [...consumer, "canary", "testers"],
      { header: "testuser", regex: "^.+$" },
      ["        canary: { version: v2, weight: 5 } # promote here"],
      ['        canary: { version: v2, weight: 5, testers: { header: testuser, regex: "^.+$" } } # promote here'],
    ],
    [
      "a quoted text, in its quotes",
      [...consumer, "versions", "v1", "image"],
      "a/b:3",
      ['            v1: { image: "a/b:1" }   # the first'],
      ['            v1: { image: "a/b:3" }   # the first'],
    ],
    [
      "a plain text",
      [...consumer, "stable"],
      "v2",
      ["        stable: v1   # for now"],
      ["        stable: v2   # for now"],
    ],
    [
      "a whole line that goes",
      [...consumer, "canary"],
      undefined,
      ["        canary: { version: v2, weight: 5 } # promote here"],
      [],
    ],
    [
      "several lines that go",
      [...consumer, "versions", "v2"],
      undefined,
      ["            v2:", "                image: 'a/b:2'"],
      [],
    ],
    [
      "a new key in a block map",
      [...consumer, "versions", "v3"],
      { image: "a/b:3" },
      [],
      ["            v3: { image: a/b:3 }"],
    ],
    [
      "a key below one that is empty",
      [...services, "restaurant", "image"],
      "r:1",
      ["    restaurant:"],
      ["    restaurant: { image: r:1 }"],
    ],
    [
      "a key below one that has a comment alone",
      [...services, "shop", "image"],
      "s:1",
      ["    shop: # to come"],
      ["    shop: { image: s:1 } # to come"],
    ],
    [
      "lines that become a number",
      [...services, "shop2", "replicas"],
      3,
      ["      replicas: # a range", "        min: 1", "        max: 2"],
      ["      replicas: 3 # a range"],
    ],
    [
      "the last key of a map",
      [...services, "shop2", "env", "A"],
      undefined,
      ["      env: # none", "        A: x"],
      ["      env: {} # none"],
    ],
    [
      "below a key that is a number",
      [...services, "1", "image"],
      "b",
      ["    1: { image: a }"],
      ["    1: { image: b }"],
    ],
    [
      "odd spaces",
      [...services, "gateway", "image"],
      "d",
      ["    gateway: {  image:  c  }"],
      ["    gateway: {  image:  d  }"],
    ],
  ];
  for (const [what, path, value, gone, come] of edits) {
    it(what, () => {
      assert.deepEqual(changed(text, editYaml(text, path, value)), { gone, come });
    });
    it(`${what}, with Windows line ends`, () => {
      const windows = text.replaceAll("\n", "\r\n");
      const edited = editYaml(windows, path, value);
      assert.equal(edited.replaceAll("\r\n", "\n"), editYaml(text, path, value));
      assert.doesNotMatch(edited, /[^\r]\n/);
    });
  }

  it("a map over a map changes only the keys that differ", () => {
    const value = { versions: { v1: { image: "a/b:1" } }, stable: "v1" };
    assert.deepEqual(changed(text, editYaml(text, consumer, value)), {
      gone: [
        "            v2:",
        "                image: 'a/b:2'",
        "        canary: { version: v2, weight: 5 } # promote here",
      ],
      come: [],
    });
  });

  it("a key of a new value that has none itself is left out", () => {
    const value = { version: "v2", weight: 5, testers: undefined };
    assert.equal(
      editYaml("config:\n  a: {}\n", ["config", "a"], { canary: value }),
      editYaml("config:\n  a: {}\n", ["config", "a"], { canary: { version: "v2", weight: 5 } }),
    );
  });

  it("the value that is there already changes nothing", () => {
    assert.equal(editYaml(text, [...consumer, "canary", "weight"], 5), text);
    assert.equal(editYaml(text, [...consumer, "nothing"], undefined), text);
  });

  it("a file without a newline at its end", () => {
    const short = "config:\n  ftgo:services:\n    a: { b: 1 }";
    assert.equal(editYaml(short, [...services, "a", "b"], 2), short.replace("1", "2"));
    assert.equal(editYaml(short, [...services, "c"], 3), `${short}\n    c: 3\n`);
  });

  describe("with anchors change the value at their own path alone, and comments stay", () => {
    const anchored = `config: # top
  ftgo:services:
    a: &a { image: x, canary: &c { weight: &five 5 } } # first
    b: *a
    c:
      canary: *c
      env: { SIZE: *five, OTHER: 1 }
    d: &d
      image: y # kept
    e: *d
`;
    const cases: [what: string, path: string[], value: unknown][] = [
      ["an alias", ["b"], { image: "y" }],
      ["below an alias", ["b", "image"], "y"],
      ["below a nested alias", ["c", "canary", "weight"], 7],
      ["an anchored number", ["a", "canary", "weight"], 25],
      ["an anchored map", ["a"], { image: "z" }],
      ["an anchored map that goes", ["a"], undefined],
      ["a new key in an anchored map", ["d", "env"], { A: "1" }],
      ["a key of an anchored map that goes", ["d", "image"], undefined],
      ["beside aliases", ["c", "env", "OTHER"], 2],
    ];
    for (const [what, path, value] of cases) {
      it(what, () => {
        const wanted = parse(anchored) as { config: Record<string, Record<string, unknown>> };
        const plain = structuredClone(JSON.parse(JSON.stringify(wanted))) as typeof wanted;
        let place: Record<string, unknown> = plain.config["ftgo:services"] ?? {};
        for (const key of path.slice(0, -1)) place = place[key] as Record<string, unknown>;
        if (value === undefined) Reflect.deleteProperty(place, path.at(-1) ?? "");
        else place[path.at(-1) ?? ""] = value;
        const edited = editYaml(anchored, [...services, ...path], value);
        assert.deepEqual(JSON.parse(JSON.stringify(parse(edited))), plain);
        assert.match(edited, /# top/);
      });
    }
    it("and leave aliases elsewhere as they are", () => {
      const edited = editYaml(anchored, [...services, "d", "image"], "z");
      assert.deepEqual(changed(anchored, edited), {
        gone: ["      image: y # kept", "    e: *d"],
        come: ["      image: z # kept", '    e: { image: "y" }'],
      });
    });
  });

  it("a text that is more than a plain word is quoted: Pulumi's reader takes less without quotes than ours", () => {
    const written = (value: string) =>
      editYaml("config:\n  ftgo:services:\n    a: { b: 1 }\n", [...services, "a", "b"], value).split(/b: | }/)[1];
    for (const plain of ["v2", "ftgo-consumer-service:v2", "registry.io:5000/a/b:1.0_x", "/actuator/health"]) {
      assert.equal(written(plain), plain);
    }
    for (const odd of [
      "^(ann|bob)?$",
      "?",
      "010",
      "0o17",
      "1:30",
      "2020-01-01",
      "1_000",
      "yes",
      "Null",
      "",
      "a:",
      "a, b",
    ]) {
      assert.equal(written(odd), JSON.stringify(odd));
    }
    assert.equal(written("\x7f"), '"\\u007f"');
  });

  it("any text can be a value, and is read back as it was given", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.constantFrom("canary", "versions", "image"), (value, key) => {
        const path = key === "image" ? [...services, "gateway", "image"] : [...consumer, key, "note"];
        const read = parse(editYaml(text, path, value)) as { config: { "ftgo:services": Record<string, unknown> } };
        const found = path
          .slice(2)
          .reduce<unknown>((part, step) => (part as Record<string, unknown>)[step], read.config["ftgo:services"]);
        assert.equal(found, value);
      }),
    );
  });

  it("edits that undo each other give back the text", () => {
    const weight = [...consumer, "canary", "weight"];
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 100 })), (weights) => {
        const edited = weights.reduce((current, value) => editYaml(current, weight, value), text);
        assert.equal(editYaml(edited, weight, 5), text);
      }),
    );
  });
});

describe("A stack file", () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "ftgo-test-"));
    mkdirSync(join(folder, "stacks"));
    path = join(folder, "stacks", "Pulumi.mine.yaml");
    writeFileSync(path, text);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const edited = (file: StackFile) =>
    editStackFile(file, [{ path: ["services", "consumer", "canary", "weight"], value: 50 }]);

  it("is written in one step, keeps its mode and leaves nothing beside it", () => {
    chmodSync(path, 0o640);
    const file = readStackFile(folder, "mine");
    assert.equal(writeStackFile(edited(file), file.text), true);
    assert.equal(readFileSync(path, "utf8"), text.replace("weight: 5 ", "weight: 50 "));
    assert.equal(statSync(path).mode & 0o777, 0o640);
    assert.deepEqual(readdirSync(join(folder, "stacks")), ["Pulumi.mine.yaml"]);
  });

  it("is written as it was read when nothing is edited", () => {
    const odd = `\uFEFF${text.replaceAll("\n", "\r\n")}# é 🙂 \t`;
    writeFileSync(path, odd);
    const file = readStackFile(folder, "mine");
    assert.ok(writeStackFile(editStackFile(file, []), file.text));
    assert.equal(readFileSync(path, "utf8"), odd);
  });

  it("stays a link when it is one", () => {
    const link = join(folder, "stacks", "Pulumi.linked.yaml");
    symlinkSync(path, link);
    writeStackFile(edited(readStackFile(folder, "linked")), text);
    assert.match(readFileSync(path, "utf8"), /weight: 50/);
    assert.equal(readFileSync(link, "utf8"), readFileSync(path, "utf8"));
  });

  it("that is not there is an error that names the ones that are", () => {
    assert.throws(() => loadEnvironment(folder, "mines"), /no stacks\/Pulumi\.mines\.yaml.*did you mean "mine"\?/);
  });

  it("of stack local is made by `ftgo local start`, and the error says so", () => {
    assert.throws(() => loadEnvironment(folder, "local"), /ftgo local start/);
  });

  it("that is not YAML is an error that names file and line", () => {
    writeFileSync(path, "config:\n  ftgo:services: { a: [\n");
    assert.throws(() => loadEnvironment(folder, "mine"), /stacks\/Pulumi\.mine\.yaml is not YAML[^]*line/);
  });

  it("with problems is refused with all of them, each with its key (promise 2)", () => {
    writeFileSync(path, text.replace("weight: 5", "weight: 500").replace("stable:", "stabel:"));
    assert.throws(
      () => loadEnvironment(folder, "mine"),
      /Pulumi\.mine\.yaml: \d problems[^]*canary\.weight is 500; the most is 100[^]*did you mean "stable"/,
    );
  });

  describe("that Pulumi would read in another way is refused, with the key and what to do", () => {
    const said = (more: string) => {
      writeFileSync(path, `config:\n  ftgo:cluster: { kind: embedded }\n${more}`);
      try {
        loadEnvironment(folder, "mine");
      } catch (error) {
        return (error as Error).message;
      }
      return "accepted";
    };
    const shop = (value: string) =>
      said(`  ftgo:services:\n    shop:\n      image: s:1\n      env: { A: ${value} }\n${secrets}`);
    for (const value of ["010", "-010", "0b11", "0B1", "-0x1F", "0X1f", "0O17", "1_000", "1_0.5", "2020-01-01"]) {
      it(value, () => {
        assert.match(
          shop(value),
          /1 problem[^]*ftgo:services\.shop\.env\.A is one value to Pulumi.*or put it in quotes/,
        );
        assert.equal(shop(`"${value}"`), "accepted");
      });
    }
    for (const value of ["10", "1.5", "0", "1:30", "yes", "on", "1_000a", "_1", "-5", "2020-01"]) {
      it(`and ${value} is not`, () => assert.equal(shop(value), "accepted"));
    }
    it("a key", () => {
      const problem = /env\.\d+ has a key that not all readers of YAML take for the same; put the key in quotes/;
      assert.match(said(`  ftgo:services: { shop: { image: s:1, env: { 010: x } } }\n${secrets}`), problem);
    });
    it("a key without `ftgo:`", () => {
      assert.match(
        said(`  ftgo:services: { shop: { image: s:1 } }\n  services: { shop: { image: s:2 } }\n${secrets}`),
        / {2}services is written without "ftgo:", which Pulumi takes for the same key; write ftgo:services/,
      );
    });
    it("a secret that is not encrypted is not shown", () => {
      assert.doesNotMatch(said("  ftgo:services: {}\n  ftgo:secrets: { databasePassword: 0712 }\n"), /0712|458/);
    });

    it("a service may be called `constructor`, and none `__proto__`", () => {
      assert.equal(said(`  ftgo:services: { constructor: { image: s:1 } }\n${secrets}`), "accepted");
      assert.match(
        said(`  ftgo:services: { constructor: {} }\n${secrets}`),
        /services\.constructor has neither `image`/,
      );
      const odd = said(`  ftgo:services: { __proto__: { image: s:1 } }\n${secrets}`);
      assert.match(odd, /services\.__proto__ has a name that cannot be used/);
    });
  });

  it("that cannot be written is an error for people", () => {
    const file = readStackFile(folder, "mine");
    rmSync(path);
    const message = /Pulumi\.mine\.yaml cannot be written; nothing was changed/;
    assert.throws(() => writeStackFile(edited(file), file.text), { name: "UsageError", message });
  });

  describe("that another hand writes between read and write", () => {
    const weight = ["services", "consumer", "canary", "weight"];
    const good = text
      .replace("kind: embedded }          # here", "kind: embedded }")
      .replace(/ {4}shop: # to come[^]*$/, secrets);
    beforeEach(() => writeFileSync(path, good));
    const read = () => readFileSync(path, "utf8");

    /** An edit whose value is asked for after the file was read, and before it is written. */
    const meanwhile = (write: () => void): Edit => ({
      path: weight,
      get value() {
        write();
        return 50;
      },
    });

    it("keeps that one's change beside the edit (promise 4)", () => {
      let once = () => {
        once = () => undefined;
        writeFileSync(path, good.replace("# what runs", "# by hand").replace("stable: v1 ", "stable: v2 "));
      };
      assert.throws(() => changeStackFile(folder, "mine", [meanwhile(() => once())]), /canary\.version is the stable/);
      assert.match(read(), /# by hand[^]*stable: v2 [^]*weight: 5 /, "the edit does not fit what is there now");
      writeFileSync(path, good);
      once = () => {
        once = () => undefined;
        writeFileSync(path, good.replace("# what runs", "# by hand"));
      };
      changeStackFile(folder, "mine", [meanwhile(() => once())]);
      assert.match(read(), /# by hand[^]*weight: 50 /);
    });

    it("is left to that one when it writes all the time, and the message says so", () => {
      let count = 0;
      const write = () => writeFileSync(path, `${good}# ${(count += 1)}\n`);
      const message = /stacks\/Pulumi\.mine\.yaml is being written by another program all the time; try again/;
      assert.throws(() => changeStackFile(folder, "mine", [meanwhile(write)]), { name: "UsageError", message });
      assert.match(read(), /weight: 5 /);
      assert.deepEqual(readdirSync(join(folder, "stacks")), ["Pulumi.mine.yaml"]);
    });

    it("is not what was taken back from: its change stays", () => {
      const takeBack = changeStackFile(folder, "mine", [{ path: weight, value: 50 }]);
      takeBack();
      assert.equal(read(), good);
      const tooLate = changeStackFile(folder, "mine", [{ path: weight, value: 50 }]);
      writeFileSync(path, `${read()}# by hand\n`);
      tooLate();
      assert.match(read(), /weight: 50 [^]*# by hand/);
    });
  });
});
