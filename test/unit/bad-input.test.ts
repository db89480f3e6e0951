import { strict as assert } from "node:assert";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { plural } from "../../components/config/problems";
import { commands, files, ofCluster, ofConfig, ofImage, ofRelease, ofService, type Row } from "./bad-input";
import { CommandLine } from "./command-line";

const secrets = "ftgo:secrets: { databasePassword: { secure: v1:x }, databaseAdminPassword: { secure: v1:y } }";
const cluster = "ftgo:cluster: { kind: kubeconfig, context: nowhere }";
const cart = "cart: { image: c:1, expose: { kind: NodePort, nodePort: 30001 } }";

/** A stack file that has these lines under `config`, and in the place of what they lack what is right. */
function configOf(given: string): string {
  const own = [cluster, `ftgo:services: { shop: { image: s:1 }, ${cart} }`, secrets];
  const lines = own.filter((line) => !given.split("\n").some((other) => keyOf(other) === keyOf(line)));
  return `config:\n${[given, ...lines].join("\n").replace(/^/gm, "  ")}\n`;
}

/** An EKS cluster with the given in the place of its own. */
function clusterOf(given: string): string {
  const own = ["name: ftgo", "region: eu-central-1", "admins: ['arn:aws:iam::123456789012:role/deployer']"];
  const keys = ["kind: eks", given, ...own.filter((line) => keyOf(line) !== keyOf(given))];
  const certificate = "certificateArn: 'arn:aws:acm:eu-central-1:123456789012:certificate/1'";
  const shop = `shop: { image: s:1, expose: { kind: LoadBalancer, port: 443, ${certificate} } }`;
  return configOf(`ftgo:cluster: { ${keys.join(", ")} }\nftgo:services: { ${shop} }`);
}

const keyOf = (line: string) => line.split(/:(?: |$)/)[0];
const services = (shop: string) => configOf(`ftgo:services:\n  shop: { ${shop} }\n  ${cart}`);

const tables: readonly [what: string, rows: readonly Row[], file: (given: string) => string, path: string][] = [
  ["a stack's config", ofConfig, configOf, ""],
  ["a service", ofService, (given) => services(`image: s:1, ${given}`), "ftgo:services."],
  ["a service's image or versions", ofImage, services, "ftgo:services."],
  [
    "a release",
    ofRelease,
    (given) => services(`versions: { v1: { image: s:1 }, v2: { image: s:2 } }, ${given}`),
    "ftgo:services.",
  ],
  ["an EKS cluster", ofCluster, clusterOf, "ftgo:"],
];

describe("Bad input changes nothing, says what is wrong, where and what would be right, and exits with 2 (promise 2)", () => {
  /** What is said of help below a wrong command line: that of the command that was meant. */
  const whereHelpIs = /\n\(`ftgo --help` shows all commands\)\n|\n\(`ftgo( [a-z]+)+ --help` shows what it takes\)\n/;
  let commandLine: CommandLine;
  beforeEach(() => (commandLine = new CommandLine()));
  afterEach(() => commandLine.remove());

  /** What the folder holds: names, modes and contents. */
  const everything = () =>
    readdirSync(commandLine.projectDir, { recursive: true, encoding: "utf8" }).map((name) => {
      const path = join(commandLine.projectDir, name);
      const { mode } = statSync(path);
      return [name, mode, statSync(path).isFile() ? readFileSync(path, "latin1") : ""];
    });

  async function refuses(args: string | readonly string[], said: string): Promise<void> {
    const before = everything();
    const { code, out, err } = await commandLine.run(args);
    assert.equal(err.replace(whereHelpIs, "\n"), `error: ${said}\n`);
    assert.deepEqual([code, out], [2, ""]);
    assert.deepEqual(everything(), before);
  }

  it("is told where the help of the command is that was meant", async () => {
    for (const [args, own] of [
      ["upp", "ftgo"],
      ["up --sack mine", "ftgo up"],
      ["local logs --lines 0", "ftgo local logs"],
    ] as const)
      assert.match((await commandLine.run(args)).err, new RegExp(`\n\\(\`${own} --help\` shows`));
  });

  /** By a command that would change the cluster. */
  async function refusesFile(content: string | Buffer, said: string): Promise<void> {
    writeFileSync(commandLine.stackPath, content);
    await refuses("up --yes -s mine", `stacks/Pulumi.mine.yaml${said}`);
  }

  describe("as a stack file with", () => {
    for (const [what, content, said] of files) {
      it(what, async () => {
        await refusesFile(content, said);
        await refuses("config check -s mine", `stacks/Pulumi.mine.yaml${said}`);
      });
    }

    it("a folder in its place", async () => {
      rmSync(commandLine.stackPath);
      mkdirSync(commandLine.stackPath);
      await refuses(
        "up --yes -s mine",
        "stacks/Pulumi.mine.yaml cannot be read; nothing was changed\n  EISDIR: illegal operation on a directory, read",
      );
    });

    it("a link to nothing in its place", async () => {
      rmSync(commandLine.stackPath);
      symlinkSync("gone.yaml", commandLine.stackPath);
      const { code, err } = await commandLine.run("up --yes -s mine");
      assert.equal(code, 2);
      assert.match(
        err,
        /^error: stacks\/Pulumi\.mine\.yaml cannot be read; nothing was changed\n {2}ENOENT: no such file/,
      );
    });

    it("a line that is too long for a message, in a few words", async () => {
      writeFileSync(commandLine.stackPath, services(`image: ${"a/b!".repeat(5000)}`));
      const { err } = await commandLine.run("config check -s mine");
      assert.ok(err.length < 500, err);
    });
  });

  for (const [what, rows, file, path] of tables) {
    describe(`in ${what}:`, () => {
      for (const [given, ...said] of rows) {
        const lines = said.map((line) => `\n  ${path}${line}`).join("");
        const all = `: ${plural(said.length, "problem")}; nothing was changed${lines}`;
        it(given.replaceAll("\n", " "), () => refusesFile(file(given), all));
      }
    });
  }

  describe("as a command line:", () => {
    for (const [args, said] of commands) {
      it(`ftgo ${typeof args === "string" ? args : JSON.stringify(args)}`, () => refuses(args, said));
    }
  });

  it("is at least sixty stack files and command lines, and no secret that stands in one is shown", () => {
    const all = [
      ...files.map(([, , said]) => said),
      ...tables.flatMap(([, rows]) => rows.flatMap(([, ...said]) => said)),
    ];
    assert.ok(all.length + commands.length >= 60);
    assert.doesNotMatch(all.join(), /hunter2/);
    assert.ok(tables.some(([, rows]) => rows.some(([given]) => given.includes("hunter2"))));
  });
});
