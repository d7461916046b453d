/**
 * A Pulumi language host for Node.js programs and policy packs, for machines on which the official
 * `pulumi-language-nodejs` is not available. It speaks the engine's LanguageRuntime protocol and leaves
 * all the work to the runners inside the project's own `@pulumi/pulumi`. Calls that the embedded cluster
 * never makes (code generation, templates, packing) are answered with "unimplemented".
 */
import * as grpc from "@grpc/grpc-js";
import { LanguageRuntimeService } from "@pulumi/pulumi/proto/language_grpc_pb";
import * as language from "@pulumi/pulumi/proto/language_pb";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import * as path from "node:path";
import { endWithEngine } from "../engine";
import { environment, nodeArguments, programArguments } from "./program";

/** Exit status of the SDK's runner if it has already reported the error to the user. */
const ALREADY_REPORTED = 32;
/** The engine's own limit for a message. */
const MAX_MESSAGE_BYTES = 400 * 1024 * 1024;

const children = new Set<ChildProcess>();
let engine =
  process.argv
    .slice(2)
    .filter((argument) => !argument.startsWith("-"))
    .at(-1) ?? "";

interface StartOptions {
  cwd: string;
  env: NodeJS.ProcessEnv;
  stdio: "inherit" | "pipe";
  /** Arguments for Node.js itself. */
  nodeArguments?: string[];
}

function start(module: string, folder: string, args: string[], options: StartOptions): ChildProcess {
  const runner = createRequire(path.join(folder, "index.js")).resolve(module);
  const child = spawn(process.execPath, [...(options.nodeArguments ?? []), runner, ...args], {
    cwd: options.cwd,
    env: options.env,
    stdio: ["ignore", options.stdio, options.stdio],
  });
  children.add(child);
  child.on("exit", () => children.delete(child));
  return child;
}

function run(
  call: grpc.ServerUnaryCall<language.RunRequest, language.RunResponse>,
  done: grpc.sendUnaryData<language.RunResponse>,
): void {
  const request = call.request;
  const folder = request.getInfo()?.getProgramDirectory() ?? request.getPwd();
  const child = start("@pulumi/pulumi/cmd/run", folder, programArguments(request, engine), {
    cwd: request.getPwd() === "" ? folder : request.getPwd(),
    env: environment(request),
    stdio: "inherit",
    nodeArguments: nodeArguments(request),
  });
  child.on("error", (error) => done(error));
  child.on("exit", (status, signal) => {
    const response = new language.RunResponse();
    if (status === ALREADY_REPORTED) response.setBail(true);
    else if (status !== 0) response.setError(`the program ended with ${signal ?? `status ${status}`}`);
    done(null, response);
  });
}

function runPlugin(call: grpc.ServerWritableStream<language.RunPluginRequest, language.RunPluginResponse>): void {
  const request = call.request;
  const folder = request.getInfo()?.getProgramDirectory() ?? request.getPwd();
  const isPolicyPack = request.getKind() === "analyzer";
  const child = start(
    isPolicyPack ? "@pulumi/pulumi/cmd/run-policy-pack" : "@pulumi/pulumi/cmd/run-plugin",
    folder,
    isPolicyPack ? [...request.getArgsList(), folder] : [folder, ...request.getArgsList()],
    {
      cwd: isPolicyPack ? folder : request.getPwd(),
      env: {
        ...process.env,
        ...Object.fromEntries(
          request
            .getEnvList()
            .map((entry) => [entry.slice(0, entry.indexOf("=")), entry.slice(entry.indexOf("=") + 1)]),
        ),
      },
      stdio: "pipe",
    },
  );
  const send = (fill: (response: language.RunPluginResponse) => void) => {
    const response = new language.RunPluginResponse();
    fill(response);
    call.write(response);
  };
  child.stdout?.on("data", (chunk: Buffer) => send((response) => response.setStdout(chunk)));
  child.stderr?.on("data", (chunk: Buffer) => send((response) => response.setStderr(chunk)));
  child.on("error", (error) => call.destroy(error));
  child.on("close", (status) => {
    send((response) => response.setExitcode(status ?? 1));
    call.end();
  });
  call.on("cancelled", () => child.kill());
}

const server = new grpc.Server({
  "grpc.max_receive_message_length": MAX_MESSAGE_BYTES,
  "grpc.max_send_message_length": MAX_MESSAGE_BYTES,
});
server.addService(LanguageRuntimeService, {
  handshake: (
    call: grpc.ServerUnaryCall<language.LanguageHandshakeRequest, language.LanguageHandshakeResponse>,
    done: grpc.sendUnaryData<language.LanguageHandshakeResponse>,
  ) => {
    engine = call.request.getEngineAddress();
    done(null, new language.LanguageHandshakeResponse());
  },
  // Plugins are named by the resources themselves, and the engine finds them in PULUMI_HOME.
  getRequiredPlugins: (_call: unknown, done: grpc.sendUnaryData<language.GetRequiredPluginsResponse>) =>
    done(null, new language.GetRequiredPluginsResponse()),
  getRequiredPackages: (_call: unknown, done: grpc.sendUnaryData<language.GetRequiredPackagesResponse>) =>
    done(null, new language.GetRequiredPackagesResponse()),
  getPluginInfo: (_call: unknown, done: grpc.sendUnaryData<PluginInfo>) => {
    const info = new PluginInfo();
    info.setVersion("0.1.0");
    done(null, info);
  },
  run,
  runPlugin,
  // `npm ci` at the root has installed the program's and the pack's dependencies.
  installDependencies: (
    call: grpc.ServerWritableStream<language.InstallDependenciesRequest, language.InstallDependenciesResponse>,
  ) => call.end(),
  cancel: (_call: unknown, done: grpc.sendUnaryData<Empty>) => {
    for (const child of children) child.kill();
    done(null, new Empty());
  },
});

endWithEngine(() => {
  for (const child of children) child.kill();
});

server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error;
  console.log(port); // the engine reads the port from the first line
});
