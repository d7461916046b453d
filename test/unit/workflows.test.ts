import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { readStep } from "../../pipeline/steps";
import { PULUMI_VERSION } from "../../sandbox/toolchain/recipes";

const root = path.join(__dirname, "..", "..");
const read = (file: string): string => fs.readFileSync(path.join(root, file), "utf8");

interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly concurrency?: { readonly group: string };
  readonly "timeout-minutes"?: number;
  readonly uses?: string;
  readonly environment?: string;
  readonly if?: string;
  readonly "runs-on"?: string;
  readonly steps?: readonly Step[];
}
interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, string | boolean>>;
}
interface Workflow extends Omit<Job, "steps"> {
  readonly on: Readonly<Record<string, unknown>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const FOLDER = ".github/workflows";
const workflows = fs
  .readdirSync(path.join(root, FOLDER))
  .map((file) => ({ file, text: read(`${FOLDER}/${file}`), workflow: parse(read(`${FOLDER}/${file}`)) as Workflow }));
const ACTION = ".github/actions/setup/action.yml";
const action = parse(read(ACTION)) as { runs: { steps: readonly Step[] } };
const gitlab = parse(/^```yaml\n([^]*?)^```$/m.exec(read("docs/workflows.md"))?.[1] ?? "") as Record<
  string,
  Readonly<Partial<Record<"before_script" | "script" | "after_script", readonly string[]>>>
>;

/** What a step may run: a command of the repository, or what installs its packages. */
function assertOurs(command: string): void {
  const [program, ...words] = command.split(/\s+/);
  if (["npm ci --no-progress", "pulumi install --no-dependencies"].includes(command)) return;
  if (command.startsWith("npm run -s pipeline -- ")) return void readStep(words.slice(4));
  if (program === "make" && words.length === 1)
    return assert.match(read("Makefile"), new RegExp(`^${words[0]}:.* ##|^${words[0]}: `, "m"), command);
  assert.ok(command.startsWith(".ci/") && (fs.statSync(path.join(root, command)).mode & 0o100) !== 0, command);
}

describe("the workflows", () => {
  for (const { file, text, workflow } of workflows) {
    const jobs = Object.entries(workflow.jobs);

    describe(file, () => {
      it("runs commands of the repository only", () => {
        for (const [, { steps }] of jobs) for (const { run } of steps ?? []) if (run !== undefined) assertOurs(run);
      });

      it("has the right to read, and to write only for a comment or a release", () => {
        assert.deepEqual(workflow.permissions, { contents: "read" });
        const writes = jobs.flatMap(([name, { permissions }]) =>
          Object.entries(permissions ?? {})
            .filter(([, right]) => right !== "read")
            .map(([what]) => `${name}: ${what}`),
        );
        const allowed: Record<string, string[]> = {
          "preview-comment.yml": ["comment: pull-requests"],
          "release.yml": ["release: contents"],
        };
        assert.deepEqual(writes, allowed[file] ?? []);
      });

      it("has no secret and no runner of ours for a pull request", () => {
        assert.ok(!("pull_request_target" in workflow.on));
        if (!("pull_request" in workflow.on)) return;
        assert.doesNotMatch(text, /secrets\.\w|secrets: |github\.token|GITHUB_TOKEN/);
        for (const [name, job] of jobs)
          if (job["runs-on"]?.startsWith("ubuntu-") !== true)
            assert.match(job.if ?? "", /^[^|]* && github\.event_name == 'push'$/, name);
      });

      it("uses secrets of a cluster in environments only", () => {
        for (const [name, job] of jobs)
          if (JSON.stringify(job.steps ?? []).includes("secrets.")) assert.notEqual(job.environment, undefined, name);
      });

      it("ends, and does not run twice at a time for the same thing", () => {
        for (const [name, job] of jobs) {
          if (job.uses === undefined) assert.notEqual(job["timeout-minutes"], undefined, name);
          if (!("workflow_call" in workflow.on))
            assert.notEqual((job.concurrency ?? workflow.concurrency)?.group, undefined, name);
        }
      });

      it("keeps no credentials in the checkout", () => {
        const checkouts = jobs.flatMap(([, { steps = [] }]) =>
          steps.filter(({ uses }) => /checkout@/.test(uses ?? "")),
        );
        for (const step of checkouts) assert.equal(step.with?.["persist-credentials"], false);
      });
    });
  }

  it("pin every action to a commit, with its version in a comment", () => {
    for (const { file, text } of [...workflows, { file: ACTION, text: read(ACTION) }])
      for (const [line, used] of text.matchAll(/\buses: (.*)/g))
        if (!used.startsWith("./"))
          assert.match(used, /^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/, `${file}: ${line}`);
  });

  it("deploy an environment at a time", () => {
    const { workflow } = workflows.find(({ file }) => file === "deploy.yml") as (typeof workflows)[number];
    const order = Object.entries(workflow.jobs as Record<string, { needs?: string; concurrency: { group: string } }>);
    assert.deepEqual(
      order.map(([name, { needs, concurrency }]) => [name, needs, concurrency.group]),
      [
        ["dev", undefined, "deploy-dev"],
        ["test", "dev", "deploy-test"],
        ["prod", "test", "deploy-prod"],
      ],
    );
  });

  it("install the Pulumi that the toolchain has", () => {
    const { steps } = action.runs;
    assert.equal(steps.find(({ uses }) => uses?.startsWith("pulumi/"))?.with?.["pulumi-version"], PULUMI_VERSION);
    for (const { run } of steps) if (run !== undefined) assertOurs(run);
  });
});

describe("docs/workflows.md", () => {
  it("has the same for GitLab, by the same commands", () => {
    const commands = Object.values(gitlab).flatMap((job) =>
      (["before_script", "script", "after_script"] as const).flatMap((part) => job[part] ?? []),
    );
    const steps = commands.map((command) => /pipeline -- (\w+)/.exec(command)?.[1]);
    for (const step of ["preview", "comment", "plan", "deploy", "drift"]) assert.ok(steps.includes(step), step);
    for (const command of commands) assertOurs(command);
  });

  it("describes every workflow", () => {
    for (const { file } of workflows) assert.match(read("docs/workflows.md"), new RegExp(`\`${file}\``));
  });
});
