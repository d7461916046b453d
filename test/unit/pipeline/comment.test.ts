import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { comment } from "../../../pipeline/comment";
import { ApiServer } from "./api-server";

const MARKED = "<!-- nacos-platform: preview -->\nan older report";
const PULLS = "GET /repos/o/r/pulls?state=open&head=someone%3Afeature";
const person = (id: number, body: string) => ({ id, body, user: { type: "User" } });
const bot = (id: number, body: string) => ({ id, body, user: { type: "Bot" } });

describe("the comment with the previews", () => {
  let folder: string;
  let server: ApiServer | undefined;

  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "comment-"));
    fs.mkdirSync(path.join(folder, "preview"));
    write({ stack: "dev", passed: true, output: "Resources:\n    + 112 to create\n" });
  });
  afterEach(() => {
    server?.stop();
    fs.rmSync(folder, { recursive: true });
  });

  const write = (previewed: object) =>
    fs.writeFileSync(path.join(folder, "preview", "dev.json"), JSON.stringify(previewed));

  async function onGitHub(answers: Record<string, unknown>): Promise<ApiServer> {
    server = new ApiServer({ [PULLS]: [{ number: 7, head: { sha: "abc" } }], ...answers });
    const event = path.join(folder, "event.json");
    fs.writeFileSync(
      event,
      JSON.stringify({
        workflow_run: { head_branch: "feature", head_sha: "abc", head_repository: { owner: { login: "someone" } } },
      }),
    );
    await comment(path.join(folder, "preview"), {
      GITHUB_API_URL: await server.start(),
      GITHUB_REPOSITORY: "o/r",
      GITHUB_TOKEN: "a-token",
      GITHUB_EVENT_PATH: event,
    });
    return server;
  }
  const page = (n: number) => `GET /repos/o/r/issues/7/comments?per_page=100&page=${n}`;

  it("is written to the pull request whose newest commit was previewed", async () => {
    const { written, received } = await onGitHub({ [page(1)]: [], "POST /repos/o/r/issues/7/comments": { id: 1 } });
    assert.deepEqual(written, ["POST /repos/o/r/issues/7/comments"]);
    assert.match(received.at(-1)?.body?.body ?? "", /^<!-- nacos-platform: preview -->\n## .*\n\n### ✅ dev\n/);
    assert.equal(received.at(-1)?.headers.authorization, "Bearer a-token");
  });

  it("is updated, also if it is beyond the first page; a person's comment with the same marker is not", async () => {
    const full = [person(1, MARKED), ...Array.from({ length: 99 }, (_, n) => person(n + 2, "a remark"))];
    const { written } = await onGitHub({
      [page(1)]: full,
      [page(2)]: [bot(201, MARKED)],
      "PATCH /repos/o/r/issues/comments/201": { id: 201 },
    });
    assert.deepEqual(written, ["PATCH /repos/o/r/issues/comments/201"]);
  });

  it("is not written if the pull request has a newer commit, or none is open", async () => {
    assert.deepEqual((await onGitHub({ [PULLS]: [{ number: 7, head: { sha: "newer" } }] })).written, []);
    server?.stop();
    assert.deepEqual((await onGitHub({ [PULLS]: [] })).written, []);
  });

  it("is refused if what a fork left is not a preview", async () => {
    write({ stack: "dev\n# Merge me", passed: true, output: "" });
    await assert.rejects(onGitHub({ [page(1)]: [] }), /"path": \[\s*"stack"/);
  });

  it("fails with the answer of the API", async () => {
    await assert.rejects(onGitHub({ [page(1)]: [] }), /^Error: POST \/issues\/7\/comments was answered with 500/);
  });

  it("is the same on GitLab, which a fork has no token for", async () => {
    const notes = "/projects/5/merge_requests/3/notes";
    server = new ApiServer({
      [`GET ${notes}?per_page=100&page=1`]: [{ id: 9, body: MARKED }],
      [`PUT ${notes}/9`]: { id: 9 },
    });
    const env = {
      GITLAB_CI: "true",
      CI_API_V4_URL: await server.start(),
      CI_PROJECT_ID: "5",
      CI_MERGE_REQUEST_IID: "3",
    };
    await comment(path.join(folder, "preview"), env);
    assert.equal(server.received.length, 0);
    await comment(path.join(folder, "preview"), { ...env, GITLAB_TOKEN: "a-token" });
    assert.deepEqual(server.written, [`PUT ${notes}/9`]);
    assert.equal(server.received[0].headers["private-token"], "a-token");
  });
});
