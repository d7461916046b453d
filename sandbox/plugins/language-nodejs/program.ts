import { RunRequest } from "@pulumi/pulumi/proto/language_pb";
import { Value } from "google-protobuf/google/protobuf/struct_pb";

/** Arguments for the SDK's program runner. */
export function programArguments(request: RunRequest, engine: string): string[] {
  const info = request.getInfo();
  return [
    "--monitor",
    request.getMonitorAddress(),
    "--engine",
    engine,
    "--organization",
    request.getOrganization(),
    "--project",
    request.getProject(),
    "--root-directory",
    info?.getRootDirectory() ?? "",
    "--stack",
    request.getStack(),
    "--pwd",
    info?.getProgramDirectory() ?? request.getPwd(),
    "--parallel",
    String(request.getParallel()),
    ...(request.getDryrun() ? ["--dry-run"] : []),
    info?.getEntryPoint() ?? ".",
    ...request.getArgsList(),
  ];
}

/** Arguments for Node.js that the project's `runtime.options.nodeargs` names, separated by spaces. */
export function nodeArguments(request: RunRequest): string[] {
  return (option(request, "nodeargs")?.getStringValue() ?? "").split(" ").filter((argument) => argument !== "");
}

/** The runner's environment: the stack's configuration, and which of its keys are secret. */
export function environment(request: RunRequest): NodeJS.ProcessEnv {
  return {
    ...process.env,
    PULUMI_CONFIG: JSON.stringify(Object.fromEntries(request.getConfigMap().toObject(false))),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
    PULUMI_NODEJS_TYPESCRIPT: String(option(request, "typescript")?.getBoolValue() ?? true),
  };
}

function option(request: RunRequest, name: string): Value | undefined {
  return request.getInfo()?.getOptions()?.getFieldsMap().get(name);
}
