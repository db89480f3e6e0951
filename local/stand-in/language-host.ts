import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createRequire } from "node:module";
import * as path from "node:path";
import type * as grpc from "@grpc/grpc-js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { LanguageRuntimeService } from "@pulumi/pulumi/proto/language_grpc_pb";
import * as language from "@pulumi/pulumi/proto/language_pb";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { EngineLog } from "./engine-log";
import { servePlugin } from "./grpc-server";
import { runtimeOptions } from "./runtime-options";
import { whenParentIsGone } from "./parent-process";

/** Exit code of `@pulumi/pulumi/cmd/run` that means: the person has already been told what is wrong. */
const reportedExitCode = 32;
/** Time that a cancelled program gets to end by itself. */
const cancelGraceMilliseconds = 5_000;

let engineAddress = process.argv.slice(2).find((argument) => !argument.startsWith("-")) ?? "";
const log = new EngineLog(engineAddress);
const programs = new Set<ChildProcess>();

type Unary<Q, A> = (call: grpc.ServerUnaryCall<Q, A>, answer: grpc.sendUnaryData<A>) => void;

const handshake: Unary<language.LanguageHandshakeRequest, language.LanguageHandshakeResponse> = (call, answer) => {
  engineAddress = call.request.getEngineAddress() || engineAddress;
  log.attach(engineAddress);
  answer(null, new language.LanguageHandshakeResponse());
};

const run: Unary<language.RunRequest, language.RunResponse> = (call, answer) => {
  const response = new language.RunResponse();
  const fail = (message: string) => {
    response.setError(message);
    answer(null, response);
  };
  let command;
  try {
    command = commandFor(call.request);
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error));
    return;
  }
  log.message("offline stand-in for pulumi-language-nodejs in use");
  const child = spawn(process.execPath, command.args, {
    cwd: command.directory,
    env: command.environment,
    stdio: ["ignore", "inherit", "inherit"],
  });
  programs.add(child);
  call.on("cancelled", () => {
    stop(child);
  });
  child.once("error", (error) => {
    programs.delete(child);
    fail(`could not start Node.js for the program: ${error.message}`);
  });
  child.once("exit", (code, signal) => {
    programs.delete(child);
    if (code === reportedExitCode) response.setBail(true);
    else if (code !== 0)
      response.setError(signal ? `program was ended by ${signal}` : `Program exited with non-zero exit code: ${code}`);
    answer(null, response);
  });
};

/** What to start for a run. The configuration travels in the environment: arguments are visible to every user. */
function commandFor(request: language.RunRequest): {
  args: string[];
  directory: string;
  environment: NodeJS.ProcessEnv;
} {
  const info = request.getInfo();
  const directory = info?.getProgramDirectory() ?? request.getPwd();
  const options = runtimeOptions(info?.getOptions()?.toJavaScript() ?? {});
  const flags: [string, string][] = [
    ["monitor", request.getMonitorAddress()],
    ["engine", engineAddress],
    ["organization", request.getOrganization()],
    ["project", request.getProject()],
    ["root-directory", info?.getRootDirectory() ?? ""],
    ["stack", request.getStack()],
    ["pwd", directory],
    ["parallel", String(request.getParallel())],
  ];
  const args = [...options.nodeArguments, runnerOf(directory)];
  for (const [name, value] of flags) if (value !== "") args.push(`--${name}`, value);
  if (request.getDryrun()) args.push("--dry-run");
  args.push(info?.getEntryPoint() ?? ".", ...request.getArgsList());
  const environment: NodeJS.ProcessEnv = {
    ...process.env,
    PULUMI_CONFIG: JSON.stringify(Object.fromEntries(request.getConfigMap().entries())),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
    ...options.environment,
  };
  return { args, directory, environment };
}

/** The SDK's entry point, from the program's own dependencies, so that program and runner share one SDK. */
function runnerOf(programDirectory: string): string {
  try {
    return createRequire(path.join(programDirectory, "Pulumi.yaml")).resolve("@pulumi/pulumi/cmd/run");
  } catch {
    throw new Error(`@pulumi/pulumi is not installed in ${programDirectory}. Run "npm ci" there and try again.`);
  }
}

function stop(child: ChildProcess): void {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGINT");
  setTimeout(() => child.kill("SIGKILL"), cancelGraceMilliseconds).unref();
}

const cancel: Unary<Empty, Empty> = (_call, answer) => {
  programs.forEach(stop);
  answer(null, new Empty());
};

const pluginInfo: Unary<Empty, PluginInfo> = (_call, answer) => {
  const info = new PluginInfo();
  info.setVersion("1.0.0");
  answer(null, info);
};

/** Answers with an empty message: programs here name their plugins by what is installed. */
function empty<T>(message: new () => T): Unary<unknown, T> {
  return (_call, answer) => {
    answer(null, new message());
  };
}

function end(): void {
  programs.forEach((child) => child.kill("SIGKILL"));
  process.exit(0);
}

// The engine ends its plugins by SIGINT, and kills them only five seconds later. Ctrl-C of the person does not come
// this way: plugins have a process group of their own, and the engine calls `cancel`.
process.on("SIGINT", end);
process.on("SIGTERM", end);
whenParentIsGone(end);
void servePlugin(LanguageRuntimeService, {
  handshake,
  run,
  cancel,
  getPluginInfo: pluginInfo,
  getRequiredPlugins: empty(language.GetRequiredPluginsResponse),
  getRequiredPackages: empty(language.GetRequiredPackagesResponse),
  getProgramDependencies: empty(language.GetProgramDependenciesResponse),
  about: empty(language.AboutResponse),
});
