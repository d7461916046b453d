import * as fs from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { UserError } from "../errors";
import { CommandError, run } from "../exec";
import { checkout, writeAtomically } from "../paths";
import { PulumiTools } from "../toolchain/pulumi";
import { stackFile } from "./overlay";
import { Target } from "./target";

/** A stack on a target, driven through the plain `pulumi` command line. */
export class Stack {
  private readonly project: string;
  readonly configFile: string;

  constructor(readonly target: Target, private readonly tools: PulumiTools, readonly name: string) {
    this.project = path.join(target.dir, "project");
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
      PULUMI_HOME: this.home,
      PULUMI_STACK: this.name,
      PULUMI_OPTION_CONFIG_FILE: this.configFile,
      PULUMI_OPTION_POLICY_PACK: path.join(checkout, "policy-pack"),
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      ...(this.target.kubeconfig === undefined ? {} : { KUBECONFIG: this.target.kubeconfig }),
    };
  }

  /** Pulumi's home on this target: its own workspace and credentials, the shared plugins. */
  private get home(): string {
    return path.join(this.target.dir, "home");
  }

  /** Makes the stack where it is not there yet, and writes its configuration for this target. */
  async prepare(): Promise<void> {
    fs.mkdirSync(this.home, { recursive: true, mode: 0o700 });
    const plugins = path.join(this.home, "plugins");
    fs.rmSync(plugins, { force: true, recursive: true });
    fs.symlinkSync(this.tools.pluginDir, plugins);
    // A stack is made beside the checkout, because Pulumi writes its encryption salt into the stack file.
    const ownFile = path.join(this.project, `Pulumi.${this.name}.yaml`);
    if (!fs.existsSync(ownFile)) {
      fs.mkdirSync(this.project, { recursive: true });
      fs.copyFileSync(path.join(checkout, "Pulumi.yaml"), path.join(this.project, "Pulumi.yaml"));
      writeAtomically(ownFile, stackFile({}, this.target.ownPassphrase ? {} : encryption(path.join(checkout, `Pulumi.${this.name}.yaml`))));
      await this.pulumi(["stack", "select", "--create", this.name], { cwd: this.project });
    }
    writeAtomically(this.configFile, stackFile(this.target.config(this.name), encryption(ownFile)), 0o600);
  }

  /** `pulumi preview`, then `pulumi up`, both under the policy pack. */
  up(...flags: string[]): Promise<string> {
    return this.pulumi(["up", "--yes", "--non-interactive", "--suppress-progress", "--suppress-outputs", ...flags], { echo: true });
  }

  preview(...flags: string[]): Promise<string> {
    return this.pulumi(["preview", "--non-interactive", ...flags]);
  }

  destroy(): Promise<string> {
    return this.pulumi(["destroy", "--yes", "--non-interactive", "--suppress-progress"]);
  }

  /** The stack's outputs; secrets stay masked. */
  async outputs<T>(): Promise<T> {
    return JSON.parse(await this.pulumi(["stack", "output", "--json"], { cwd: this.project })) as T;
  }

  /** Runs a Pulumi command on this stack, in the checkout. */
  async pulumi(args: string[], options: { cwd?: string; echo?: boolean } = {}): Promise<string> {
    try {
      return await run(path.join(this.tools.binDir, "pulumi"), args, { cwd: options.cwd ?? checkout, echo: options.echo, env: this.environment });
    } catch (error) {
      if (error instanceof CommandError && error.output.includes("incorrect passphrase")) {
        throw new UserError(`the passphrase does not fit the state of stack "${this.name}". ${this.passphraseSource()} Restore the passphrase with which the stack was made; without it the stack's secrets cannot be read.`);
      }
      throw error;
    }
  }

  private passphraseSource(): string {
    const file = this.environment.PULUMI_CONFIG_PASSPHRASE_FILE;
    return file === undefined ? "It comes from PULUMI_CONFIG_PASSPHRASE." : `It comes from the file ${file}.`;
  }
}

/** What a stack file says of the encryption of its secrets: all but the configuration. */
function encryption(file: string): Record<string, unknown> {
  const settings = parse(fs.readFileSync(file, "utf8")) as Record<string, unknown>;
  return Object.fromEntries(Object.entries(settings).filter(([key]) => key !== "config"));
}
