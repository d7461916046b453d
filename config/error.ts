// Only this part of the SDK: to load all of it takes longer than most commands.
import { RunError } from "@pulumi/pulumi/errors";
import { withCode } from "../contract/refusal";

/** One thing that is wrong with the configuration. */
export interface Problem {
  /** Full key with its path, for example `nacos-platform:nacos.replicas`. */
  readonly path: string;
  /** What is wrong, continuing the path: "is 2", "is not set", "is not a known key". */
  readonly fault: string;
  /** The allowed values, in words. */
  readonly allowed: string;
  /** What to do, as a command if possible. */
  readonly fix: string;
}

/** A mistake in the stack's configuration. A RunError, so that Pulumi prints the message without a stack trace. */
export class ConfigError extends RunError {
  constructor(message: string) {
    super(message);
    this.name = "ConfigError";
  }
}

/** One error for all problems, one line each. The code is in the first line, because it is the same for all. */
export function configError(stack: string, problems: readonly Problem[]): ConfigError {
  const count = problems.length === 1 ? "1 error" : `${problems.length} errors`;
  const lines = problems.map((p) => `  ${p.path} ${p.fault}; allowed: ${p.allowed}; fix: ${p.fix}`);
  const headline = withCode({ code: "CONFIG_INVALID", message: `The configuration of stack "${stack}" has ${count}` });
  return new ConfigError([`${headline}:`, ...lines].join("\n"));
}
