import { strict as assert } from "node:assert";
import { re2Problem } from "../../components/config/re2";
import { ofService, twoVersions } from "./refusals";

describe("an expression for testers is refused before the mesh refuses it", () => {
  const good = [
    "^.+$",
    "^(ann|bob)?$",
    "(?i)ann",
    "a(?i:b)(?s-m:c)",
    "(?P<who>ann)",
    String.raw`\Aann\z`,
    String.raw`\Q(?=\E`,
    "[(?=]",
    "[]a]",
    "[[:alpha:]]+",
    String.raw`\(\?=`,
    String.raw`\\1`,
    String.raw`\pL\.\_\012`,
    "a{2,3}?",
  ];
  for (const expression of good) {
    it(`takes ${expression}`, () => assert.equal(re2Problem(expression), undefined));
  }
  const bad = [
    "(?=a",
    "(?=a)",
    "(?!a)",
    "(?<=a)b",
    "(?<!a)b",
    String.raw`(a)\1`,
    String.raw`(?<n>a)\k<n>`,
    "(?>a)",
    "a++",
    "a{2}+",
    "(",
    "a)",
    "*",
    "[a",
    "[]",
    "[z-a]",
    String.raw`\u0041`,
    String.raw`\Z`,
    "\\",
  ];
  for (const expression of bad) {
    it(`refuses ${expression}`, () => assert.notEqual(re2Problem(expression), undefined));
  }
  it("and says where and why", () => {
    const canary = { version: "v2", testers: { header: "testuser", regex: "^(?!ann)" } };
    assert.deepEqual(ofService({ ...twoVersions, canary }), [
      'ftgo:services.shop.canary.testers.regex is "^(?!ann)"; it is no RE2 expression: invalid or unsupported Perl syntax: `(?!`',
    ]);
  });
});
