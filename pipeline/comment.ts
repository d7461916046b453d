import * as fs from "node:fs";
import * as path from "node:path";
import { z } from "zod";
import { github, send, variable, type Api } from "./api";
import { inMarkdown, type Previewed } from "./report";

/** The first line of the comment, by which the next run finds it. */
const MARKER = "<!-- nacos-platform: preview -->";
const PAGE = 100;

interface Note {
  readonly id: number;
  readonly body: string;
  /** GitHub's. */
  readonly user?: { readonly type: string };
}

/** The comments of a pull request or merge request. */
interface Comments {
  readonly api: Api;
  readonly path: string;
  readonly pathOf: (id: number) => string;
  readonly update: "PATCH" | "PUT";
}

/** What a pull request has made is data: the stack is a name, and the output goes into a code block. */
const PREVIEWED = z.object({ stack: z.string().regex(/^[a-z0-9-]{1,40}$/), passed: z.boolean(), output: z.string() });

/** Writes the report of {@link previewAll} as one comment, which later runs update. */
export async function comment(folder: string, env: NodeJS.ProcessEnv): Promise<void> {
  const place = env.GITLAB_CI === "true" ? ofMergeRequest(env) : await ofPullRequest(env);
  if (typeof place === "string") return console.log(`no comment: ${place}`);
  const previews: Previewed[] = fs
    .readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .map((file) => PREVIEWED.parse(JSON.parse(fs.readFileSync(path.join(folder, file), "utf8"))));
  const body = `${MARKER}\n${inMarkdown("Preview of every stack, as if it were new", previews)}`;
  const { api, pathOf, update } = place;
  const before = await ownComment(place);
  if (before === undefined) await send(api, "POST", place.path, { body });
  else await send(api, update, pathOf(before.id), { body });
}

async function ownComment({ api, path: of }: Comments): Promise<Note | undefined> {
  for (let page = 1; ; page++) {
    const notes = (await send<Note[]>(api, "GET", `${of}?per_page=${PAGE}&page=${page}`)) ?? [];
    // Anybody may write the marker. A comment of a person is never the one to update: its author could change it afterwards.
    const own = notes.find(({ body, user }) => body.startsWith(MARKER) && (user === undefined || user.type === "Bot"));
    if (own !== undefined || notes.length < PAGE) return own;
  }
}

/** The pull request whose newest commit was previewed; GitHub says which commit that is, not the pull request's own files. */
async function ofPullRequest(env: NodeJS.ProcessEnv): Promise<Comments | string> {
  const { workflow_run: run } = JSON.parse(fs.readFileSync(variable(env, "GITHUB_EVENT_PATH"), "utf8")) as {
    workflow_run: { head_branch: string; head_sha: string; head_repository: { owner: { login: string } } };
  };
  const api = github(env);
  const head = encodeURIComponent(`${run.head_repository.owner.login}:${run.head_branch}`);
  const open = await send<{ number: number; head: { sha: string } }[]>(api, "GET", `/pulls?state=open&head=${head}`);
  const found = open?.find(({ head: { sha } }) => sha === run.head_sha);
  if (found === undefined) return `no open pull request ends with commit ${run.head_sha}`;
  return { api, path: `/issues/${found.number}/comments`, pathOf: (id) => `/issues/comments/${id}`, update: "PATCH" };
}

/** A pipeline that runs in the fork has no token of this project. */
function ofMergeRequest(env: NodeJS.ProcessEnv): Comments | string {
  if (env.GITLAB_TOKEN === undefined)
    return "GITLAB_TOKEN is not set, as in a fork; the log of the job has the previews";
  const url = `${variable(env, "CI_API_V4_URL")}/projects/${variable(env, "CI_PROJECT_ID")}`;
  const notes = `/merge_requests/${variable(env, "CI_MERGE_REQUEST_IID")}/notes`;
  return {
    api: { url, headers: { "private-token": env.GITLAB_TOKEN } },
    path: notes,
    pathOf: (id) => `${notes}/${id}`,
    update: "PUT",
  };
}
