import * as path from "node:path";
import { UserError } from "../errors";
import { CommandError, run } from "../exec";
import { checkout, writeAtomically } from "../paths";
import { PulumiTools } from "../toolchain/pulumi";
import { merge } from "./overlay";
import { readStackFile, stackFile, valueAt } from "./stack-file";
import { Target } from "./target";

/** Exit status of `pulumi preview --expect-no-changes` if it finds changes, and what it prints then. */
export const CHANGES = 7;
const CHANGES_TEXT = /^error: no changes were expected.*\n?/m;

/** Pulumi's warning about operations that a killed update left pending. */
const INTERRUPTED = "pending operations from previous deployment";

/** A stack on a target, driven through the plain `pulumi` command line. */
export class Stack {
  /** The configuration file for Pulumi, with everything merged. */
  readonly configFile: string;
  /** What Pulumi encrypted for this target, and how. */
  readonly secretsFile: string;
  /** The outputs, from when they were read until an update may have changed them. */
  private read: object | undefined;
  /** A preview that has run before `up`. */
  private ahead: Promise<string> | undefined;
  /** Whether an update has run. */
  hasChanged = false;

  constructor(
    readonly target: Target,
    private readonly tools: PulumiTools,
    readonly name: string,
  ) {
    this.configFile = path.join(target.dir, `Pulumi.${name}.yaml`);
    this.secretsFile = path.join(target.project, `Pulumi.${name}.yaml`);
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

  /** Creates the stack if it does not exist, and writes its configuration for this target. */
  async prepare(): Promise<void> {
    const { project } = this.target;
    const [own, secrets] = [this.target.config(this.name), this.target.secrets(this.name)]; // first: if one of these refuses, no stack may be left behind
    await this.pulumi(["stack", "select", "--create", this.name], { cwd: project });
    for (const [key, value] of Object.entries(secrets)) {
      if (valueAt(readStackFile(this.secretsFile).config, key) === undefined)
        await this.pulumi(["config", "set", "--secret", "--path", "--config-file", this.secretsFile, key], {
          cwd: project,
          input: value,
        });
    }
    const { config, encryption } = readStackFile(this.secretsFile);
    writeAtomically(this.configFile, stackFile(merge(config, own), encryption), 0o600);
  }

  /**
   * `pulumi up`, which previews first: nothing is created if the preview or a policy fails. If the stack is deployed already, the
   * preview is a separate command, and if it finds no changes, no update follows. Pulumi's output is shown.
   *
   * @param next what to do if Pulumi refuses or fails
   */
  async up(next = "Fix that, and run the same command again."): Promise<string> {
    const deployed = await this.isDeployed();
    return this.update(deployed).catch((error: unknown) => {
      if (!(error instanceof CommandError)) throw error;
      throw new UserError(`stack "${this.name}" was not deployed; Pulumi says why above. ${next}`);
    });
  }

  private async update(deployed: boolean): Promise<string> {
    const up = ["up", "--yes", "--non-interactive", "--suppress-progress", "--suppress-outputs"];
    if (!deployed) return this.change(up);
    try {
      const unchanged = await (this.ahead ?? this.lookForChanges());
      process.stdout.write(unchanged);
      return unchanged;
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      process.stdout.write(error.output.replace(CHANGES_TEXT, ""));
      if (error.status !== CHANGES) throw error;
      return this.change([...up, "--skip-preview"]);
    }
  }

  /** Runs the preview of `up` now, if the stack is deployed, beside other work. Until `up`, nothing may change what it reads. */
  async previewAhead(): Promise<void> {
    if (!(await this.isDeployed())) return;
    this.ahead = this.lookForChanges();
    await this.ahead.catch(() => undefined); // `up` says why; Pulumi must not outlive this command if other work fails
  }

  /** Lets `up` preview again. */
  forgetPreview(): void {
    this.ahead = undefined;
  }

  private lookForChanges(): Promise<string> {
    return this.preview("--expect-no-changes", "--suppress-progress");
  }

  private async change(args: string[]): Promise<string> {
    this.read = undefined;
    this.hasChanged = true;
    const said = await this.pulumi(args, { echo: true });
    if (said.includes(INTERRUPTED)) await this.forgetInterrupted();
    return said;
  }

  /**
   * Pulumi keeps the create operations that a killed update left pending, and warns at each update, until somebody tells
   * `pulumi refresh` what became of them. If an update has created the resource since, this removes the operation: nothing is
   * left to tell.
   */
  private async forgetInterrupted(): Promise<void> {
    const state = JSON.parse(await this.pulumi(["stack", "export"])) as {
      deployment: { resources?: { urn: string }[]; pending_operations?: { resource: { urn: string } }[] };
    };
    const made = new Set(state.deployment.resources?.map(({ urn }) => urn));
    state.deployment.pending_operations = state.deployment.pending_operations?.filter(
      ({ resource }) => !made.has(resource.urn),
    );
    await this.pulumi(["stack", "import"], { input: JSON.stringify(state) });
  }

  /** Whether an earlier update has created anything. */
  private async isDeployed(): Promise<boolean> {
    return Object.keys(await this.outputs<object>()).length > 0;
  }

  preview(...flags: string[]): Promise<string> {
    return this.pulumi(["preview", "--non-interactive", ...flags]);
  }

  destroy(): Promise<string> {
    this.read = undefined;
    return this.pulumi(["destroy", "--yes", "--non-interactive", "--suppress-progress"]);
  }

  /** The stack's outputs, as this object has last seen or left them; secrets stay masked. */
  async outputs<T extends object>(): Promise<T> {
    this.read ??= JSON.parse(await this.pulumi(["stack", "output", "--json"], { cwd: this.target.project })) as T;
    return this.read as T;
  }

  /** Runs a Pulumi command on this stack, in the folder of its program. */
  async pulumi(args: string[], options: { cwd?: string; echo?: boolean; input?: string } = {}): Promise<string> {
    try {
      return await run(path.join(this.tools.binDir, "pulumi"), args, {
        ...options,
        cwd: options.cwd ?? this.target.program,
        env: this.environment,
      });
    } catch (error) {
      const output = error instanceof CommandError ? error.output : "";
      if (output.includes("incorrect passphrase")) {
        throw new UserError(
          `the passphrase does not fit the state of stack "${this.name}". ${this.passphraseSource()} Restore the passphrase with which the stack was made; without it the stack's secrets cannot be read.`,
        );
      }
      if (output.includes("is currently locked")) {
        throw new UserError(
          `stack "${this.name}" is locked by another update, see above, or by one that was killed on another machine. If none is running any more, unlock it with \`pulumi cancel\`, then run the same command again.`,
        );
      }
      throw error;
    }
  }

  private passphraseSource(): string {
    const file = this.environment.PULUMI_CONFIG_PASSPHRASE_FILE;
    return file === undefined ? "It comes from PULUMI_CONFIG_PASSPHRASE." : `It comes from the file ${file}.`;
  }
}
