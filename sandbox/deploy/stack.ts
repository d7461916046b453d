import * as fs from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { UserError } from "../errors";
import { CommandError, run } from "../exec";
import { checkout, writeAtomically } from "../paths";
import { PulumiTools } from "../toolchain/pulumi";
import { merge, stackFile, type Settings } from "./overlay";
import { Target } from "./target";

/** Status with which a preview that is to find no changes ends where it finds some, and what it says then. */
const CHANGES = 7;
const CHANGES_TEXT = /^error: no changes were expected.*\n?/m;

/** A stack on a target, driven through the plain `pulumi` command line. */
export class Stack {
  readonly configFile: string;

  constructor(readonly target: Target, private readonly tools: PulumiTools, readonly name: string) {
    this.configFile = path.join(target.dir, `Pulumi.${name}.yaml`);
  }

  /**
   * Environment in which plain `pulumi` commands act on this stack, under the policy pack. Pulumi
   * takes any of its flags from a variable PULUMI_OPTION_<FLAG>.
   */
  get environment(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      ...this.target.pulumi,
      PATH: `${this.tools.binDir}:${process.env.PATH ?? ""}`,
      PULUMI_STACK: this.name,
      PULUMI_OPTION_CONFIG_FILE: this.configFile,
      PULUMI_OPTION_POLICY_PACK: path.join(checkout, "policy-pack"),
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    };
  }

  /** Makes the stack unless it is there, and writes its configuration for this target. */
  async prepare(): Promise<void> {
    const { project } = this.target;
    await this.pulumi(["stack", "select", "--create", this.name], { cwd: project });
    const file = path.join(project, `Pulumi.${this.name}.yaml`);
    for (const [key, value] of Object.entries(this.target.secrets(this.name))) {
      if (!isSet(readStackFile(file).config, key)) await this.pulumi(["config", "set", "--secret", "--path", "--config-file", file, key], { cwd: project, input: value });
    }
    const { config, encryption } = readStackFile(file);
    writeAtomically(this.configFile, stackFile(merge(config, this.target.config(this.name)), encryption), 0o600);
  }

  /**
   * `pulumi up`, which previews first; nothing is made where the preview or a policy fails. A stack that is deployed is
   * previewed by itself, and where that shows that nothing is to be changed, it is left at that.
   */
  async up(): Promise<string> {
    const up = ["up", "--yes", "--non-interactive", "--suppress-progress", "--suppress-outputs"];
    if (!(await this.isDeployed())) return this.pulumi(up, { echo: true });
    try {
      const unchanged = await this.preview("--expect-no-changes", "--suppress-progress");
      process.stdout.write(unchanged);
      return unchanged;
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      process.stdout.write(error.output.replace(CHANGES_TEXT, ""));
      if (error.status !== CHANGES) throw error;
      return this.pulumi([...up, "--skip-preview"], { echo: true });
    }
  }

  /** Whether an earlier update has made anything. */
  private async isDeployed(): Promise<boolean> {
    return Object.keys(await this.outputs<object>()).length > 0;
  }

  preview(...flags: string[]): Promise<string> {
    return this.pulumi(["preview", "--non-interactive", ...flags]);
  }

  destroy(): Promise<string> {
    return this.pulumi(["destroy", "--yes", "--non-interactive", "--suppress-progress"]);
  }

  /** The stack's outputs; secrets stay masked. */
  async outputs<T>(): Promise<T> {
    return JSON.parse(await this.pulumi(["stack", "output", "--json"], { cwd: this.target.project })) as T;
  }

  /** Runs a Pulumi command on this stack, in the checkout. */
  async pulumi(args: string[], options: { cwd?: string; echo?: boolean; input?: string } = {}): Promise<string> {
    try {
      return await run(path.join(this.tools.binDir, "pulumi"), args, { ...options, cwd: options.cwd ?? checkout, env: this.environment });
    } catch (error) {
      const output = error instanceof CommandError ? error.output : "";
      if (output.includes("incorrect passphrase")) {
        throw new UserError(`the passphrase does not fit the state of stack "${this.name}". ${this.passphraseSource()} Restore the passphrase with which the stack was made; without it the stack's secrets cannot be read.`);
      }
      if (output.includes("is currently locked")) {
        throw new UserError(`stack "${this.name}" is locked by another update, or by one that was killed. If none is running any more, unlock it with \`pulumi cancel\` (in \`make shell\` for an embedded cluster), then run the same command again.`);
      }
      throw error;
    }
  }

  private passphraseSource(): string {
    const file = this.environment.PULUMI_CONFIG_PASSPHRASE_FILE;
    return file === undefined ? "It comes from PULUMI_CONFIG_PASSPHRASE." : `It comes from the file ${file}.`;
  }
}

/** What a stack file says: its configuration, and how its secrets are encrypted. */
function readStackFile(file: string): { config: Settings; encryption: Settings } {
  const { config = {}, ...encryption } = fs.existsSync(file) ? (parse(fs.readFileSync(file, "utf8")) as { config?: Settings }) : {};
  return { config, encryption };
}

/** Whether a configuration has a value at a key with its path, "project:key.deeper". */
function isSet(config: Settings, key: string): boolean {
  return key.split(".").reduce<unknown>((value, step) => (value as Settings | undefined)?.[step], config) !== undefined;
}
