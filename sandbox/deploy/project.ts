import * as path from "node:path";
import { checkout } from "../paths";

/** A Pulumi project of the checkout. */
export interface Project {
  readonly name: string;
  /** Its folder, with its program and its stack files. */
  readonly folder: string;
  /** Where a target keeps what belongs to this project, below its own folder. */
  readonly subfolder: string;
}

export const PLATFORM: Project = { name: "nacos-platform", folder: checkout, subfolder: "" };

/** What teams are given. Its stacks are deployed after the platform's of the same name. */
export const TENANTS: Project = { name: "nacos-tenants", folder: path.join(checkout, "tenants"), subfolder: "tenants" };

/**
 * The project that a `pulumi` command acts on, by the folder that it runs in.
 *
 * @param words what follows `pulumi`
 */
export function projectAt(folder: string, words: readonly string[]): Project {
  const at = words.findIndex((word) => /^(-C|--cwd(=|$))/.test(word));
  const [, inWord] = /^(?:-C|--cwd)=?(.*)$/.exec(words[at] ?? "") ?? [];
  const asked = at < 0 ? "." : inWord || (words[at + 1] ?? ".");
  const inside = path.relative(TENANTS.folder, path.resolve(folder, asked));
  return inside.startsWith("..") ? PLATFORM : TENANTS;
}
