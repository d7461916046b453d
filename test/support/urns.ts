/** Adds the URNs of new resources to test/unit/urns.txt: `npx sucrase-node test/support/urns.ts`. It takes none out. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run, runExternal } from "./program";
import type { Recorded } from "./recorder";

export const FILE = join(__dirname, "../unit/urns.txt");

/** URNs that stacks of released versions may have in their state, a line each, without the stack's name. */
export function released(): string[] {
  return readFileSync(FILE, "utf8").trim().split("\n");
}

/** Every resource that a stack of some environment has, with its URNs. */
export async function resources(): Promise<Recorded[]> {
  const all: Recorded[] = [];
  // One after the other: the SDK has one engine at a time.
  for (const recorded of [() => run("dev"), () => run("test"), () => run("prod"), runExternal]) all.push(...(await recorded()).resources);
  return all.filter(({ read }) => !read);
}

async function add(): Promise<void> {
  const all = new Set([...released(), ...(await resources()).map(({ urn }) => urn)]);
  writeFileSync(FILE, `${[...all].filter((line) => line !== "").sort().join("\n")}\n`);
}

if (require.main === module) void add();
