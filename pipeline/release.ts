import * as fs from "node:fs";
import * as path from "node:path";
import { UserError } from "../sandbox/errors";
import { checkout } from "../sandbox/paths";
import { github, send, variable } from "./api";

/** The notes of a version: its section of the change log. @throws UserError if it has none. */
export function notesOf(version: string, changelog: string): string {
  const section = changelog.split(/^## /m).find((text) => text.split(/\s/, 1)[0] === version);
  const notes = section?.slice(section.indexOf("\n")).trim() ?? "";
  if (notes !== "") return notes;
  throw new UserError(`CHANGELOG.md has nothing under "## ${version}". Write there what users notice, then tag again.`);
}

/** Text whose links to files of the repository lead to those of a tag: on the page of a release they would lead nowhere. */
export function withLinksTo(tag: string, text: string, env: NodeJS.ProcessEnv): string {
  const files = `${variable(env, "GITHUB_SERVER_URL")}/${variable(env, "GITHUB_REPOSITORY")}/blob/${tag}/`;
  return text.replace(/\]\((?!#|[a-z]+:)/g, `](${files}`);
}

/** Publishes the release of a tag with its notes, or corrects its notes. @throws UserError if the tag is not the version of this commit. */
export async function release(tag: string, env: NodeJS.ProcessEnv): Promise<void> {
  const read = (file: string): string => fs.readFileSync(path.join(checkout, file), "utf8");
  const { version } = JSON.parse(read("package.json")) as { version: string };
  if (tag !== `v${version}`)
    throw new UserError(`tag ${tag} is not the version of package.json, which is ${version}. Tag it v${version}.`);
  const content = { tag_name: tag, name: version, body: withLinksTo(tag, notesOf(version, read("CHANGELOG.md")), env) };
  const api = github(env);
  const existing = await send<{ id: number }>(api, "GET", `/releases/tags/${tag}`);
  if (existing === undefined) await send(api, "POST", "/releases", content);
  else await send(api, "PATCH", `/releases/${existing.id}`, content);
}
