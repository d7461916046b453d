import type { PolicyResource } from "@pulumi/policy";
import { covers, type Exemption } from "./exemption";
import type { ExemptionLog, Finding, Seen } from "./rule";
import type { Resource } from "./resource";
import { Stack } from "./stack";

/** Exemptions by the name of their rule. */
export type Exemptions = Readonly<Record<string, readonly Exemption[]>>;

/** What the rules of one preview or update share. Pulumi starts the pack again for each. */
export class Run implements ExemptionLog {
  private readonly inputs = new Map<string, unknown>();
  private readonly seen = new Map<string, Seen>();
  private built: { readonly key: string; readonly stack: Stack } | undefined;

  /** @param today as "2027-01-31" */
  constructor(
    private readonly builtIn: Exemptions,
    readonly today: string = new Date().toISOString().slice(0, 10),
  ) {}

  /** Keeps what the program asked for: rules on the stack need it, and only receive what came of it. */
  remember(urn: string, inputs: unknown): void {
    this.inputs.set(urn, inputs);
    this.built = undefined;
  }

  /** @param all of the stack. With `--refresh`, Pulumi adds objects of others, which the program only reads: they are left out. */
  stackOf(all: readonly PolicyResource[]): Stack {
    const resources = this.inputs.size === 0 ? all : all.filter(({ urn }) => this.inputs.has(urn));
    const key = resources.map(({ urn }) => urn).join("\n");
    if (this.built?.key !== key) this.built = { key, stack: new Stack(resources, this.inputs) };
    return this.built.stack;
  }

  /** The exemptions of a rule that has run. */
  exemptionsOf(rule: string, configured: readonly Exemption[]): readonly Seen[] {
    const note = (isBuiltIn: boolean) => (exemption: Exemption) => {
      const key = JSON.stringify([rule, exemption, isBuiltIn]);
      const seen = this.seen.get(key) ?? { rule, exemption, isBuiltIn, count: 0 };
      this.seen.set(key, seen);
      return seen;
    };
    return [...(this.builtIn[rule] ?? []).map(note(true)), ...configured.map(note(false))];
  }

  /** Whether a finding is exempt today. An exemption that has ended exempts nothing. */
  isExempt(exemptions: readonly Seen[], resource: Resource, { part }: Finding): boolean {
    const found = exemptions.find(({ exemption }) => covers(exemption, resource, part?.name));
    if (found === undefined) return false;
    found.count++;
    return found.exemption.until >= this.today;
  }

  get allSeen(): readonly Seen[] {
    return [...this.seen.values()];
  }
}
