/** Adds the URNs of new resources to the projects' urns.txt: `npx sucrase-node test/support/urns.ts`. It takes none out. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run, runAutoscaled, runExternal } from "./program";
import type { Recorded, Recording } from "./recorder";
import { both, external, runTenants } from "./tenants";

/** What the stacks of a project have in their state. */
export interface Frozen {
  /** URNs that stacks of released versions may have, a line each, without the stack's name. */
  readonly file: string;
  /** The program in each way that makes other resources. */
  readonly programs: readonly (() => Promise<Recording<unknown>>)[];
}

export const PLATFORM: Frozen = {
  file: join(__dirname, "../unit/urns.txt"),
  programs: [
    () => run("dev"),
    () => run("test"),
    () => run("prod"),
    () => runExternal({ "nacos-platform:monitoring": '{"mode":"annotations"}' }),
    () => runAutoscaled({ "nacos-platform:monitoring": '{"mode":"operator"}' }),
  ],
};

export const TENANTS: Frozen = {
  file: join(__dirname, "../unit/tenants/urns.txt"),
  programs: [() => runTenants({ tenants: both }), () => runTenants({ tenants: both }, { outputs: external })],
};

export function released({ file }: Frozen): string[] {
  return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
}

/** Every resource that a stack of some kind has, with its URNs. */
export async function resources({ programs }: Frozen): Promise<Recorded[]> {
  const all: Recorded[] = [];
  // One after the other: the SDK has one engine at a time.
  for (const recorded of programs) all.push(...(await recorded()).resources);
  return all.filter(({ read }) => !read);
}

/** What an update does to stacks of released versions, a line for each of their resources that nothing continues. */
export function destroyed(released: readonly string[], now: readonly Pick<Recorded, "urn" | "formerUrns">[]): string[] {
  const continued = new Set(now.flatMap(({ urn, formerUrns }) => [urn, ...formerUrns]));
  return released
    .filter((urn) => !continued.has(urn))
    .map((urn) => {
      const [, types, name] = urn.split("::");
      return `${types.split("$").at(-1)} ${name} would be deleted, and another created: give the resource that replaces it \`aliases: [{ name: "${name}" }]\`, or the previous \`type\``;
    });
}

async function add(frozen: Frozen): Promise<void> {
  const all = new Set([...released(frozen), ...(await resources(frozen)).map(({ urn }) => urn)]);
  writeFileSync(
    frozen.file,
    `${[...all]
      .filter((line) => line !== "")
      .sort()
      .join("\n")}\n`,
  );
}

if (require.main === module) void add(PLATFORM).then(() => add(TENANTS));
