import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { drift } from "../../../pipeline/drift";
import { deploy, plan } from "../../../pipeline/plan";
import { previewAll } from "../../../pipeline/preview";
import { readStep } from "../../../pipeline/steps";
import { stackNames } from "../../../sandbox/deploy/overlay";
import { Refusal } from "../../../contract/refusal";

/** Stands for Pulumi, and notes what it is called with. Its state is a file. */
const PULUMI = `#!/bin/bash
echo "$*" >> "$FAKE/calls"
[ -z "\${KUBECONFIG:-}" ] || { stat -c %a "$KUBECONFIG"; cat "$KUBECONFIG"; } > "$FAKE/kubeconfig"
[ -z "\${KUBECONFIG_TEXT:-}" ] || echo leaked >> "$FAKE/calls"
case "$1 $2" in
  "stack history") echo '[{"kind":"refresh","environment":{}},{"kind":"update","environment":{"git.head":"'"$DEPLOYED"'"}}]' ;;
  stack*) cat "$FAKE/state" ;;
  preview*) echo "Resources:"; echo "    ~ 1 to update"; exit "\${STATUS:-0}" ;;
esac
`;
/** Stands for \`make preview\`. */
const MAKE = `#!/bin/bash
echo "$*"
case $* in *prod*) echo "error: no" >&2; exit 2 ;; esac
`;

describe("the steps of the workflows", () => {
  let fake: string;
  const before = { ...process.env };

  beforeEach(() => {
    fake = fs.mkdtempSync(path.join(os.tmpdir(), "steps-"));
    for (const [name, text] of Object.entries({ pulumi: PULUMI, make: MAKE }))
      fs.writeFileSync(path.join(fake, name), text, { mode: 0o755 });
    fs.writeFileSync(path.join(fake, "state"), "{}");
    const PATH = `${fake}:${process.env.PATH}`;
    Object.assign(process.env, { FAKE: fake, PATH, GITHUB_STEP_SUMMARY: path.join(fake, "summary") });
  });
  afterEach(() => {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
    fs.rmSync(fake, { recursive: true });
  });

  const at = (...names: string[]): string => path.join(fake, ...names);
  const read = (name: string): string => fs.readFileSync(at(name), "utf8");

  it("take exactly their options", () => {
    const { step, values } = readStep(["plan", "--stack", "prod", "--folder", "plan"]);
    assert.deepEqual([step, { ...values }], ["plan", { stack: "prod", folder: "plan" }]);
    for (const words of [
      [],
      ["up"],
      ["plan", "--stack", "prod"],
      ["drift", "--stack="],
      ["drift", "--to", "x"],
      ["toString"],
    ])
      assert.throws(() => readStep(words), { code: /^USAGE_COMMAND_/ }, words.join(" "));
  });

  it("preview every stack, and fail after all of them if one is refused", async () => {
    await assert.rejects(previewAll(at("previews")), /^Error: stack prod could not be deployed like this/);
    const previews = stackNames().map(
      (stack) => JSON.parse(read(`previews/${stack}.json`)) as { stack: string; passed: boolean },
    );
    assert.deepEqual(
      Object.fromEntries(previews.map(({ stack, passed }) => [stack, passed])),
      Object.fromEntries(stackNames().map((stack) => [stack, stack !== "prod"])),
    );
    assert.match(read("previews/prod.json"), /error: no/);
  });

  it("plan under the policy pack, and deploy this plan", async () => {
    process.env.KUBECONFIG_TEXT = "of a cluster";
    await plan("prod", at("plan"));
    await deploy("prod", at("plan"));
    const file = at("plan", "plan.json");
    const shared = "--policy-pack policy-pack --suppress-progress --stack prod --non-interactive";
    assert.deepEqual(read("calls").trim().split("\n"), [
      "stack export --stack prod --non-interactive",
      `preview --diff --save-plan ${file} ${shared}`,
      "stack export --stack prod --non-interactive",
      `up --yes --plan ${file} --suppress-outputs ${shared}`,
    ]);
    assert.equal(read("kubeconfig"), "600\nof a cluster");
    assert.match(read("summary"), /## Plan of commit [0-9a-f]{40}\n\n### ✅ prod\n[^]*~ 1 to update/);
  });

  it("refuse a plan of another state, stack or commit, and change nothing", async () => {
    await plan("prod", at("plan"));
    const basis = read("plan/basis.json");
    const head = execFileSync("git", ["rev-parse", "HEAD"], { encoding: "utf8", cwd: __dirname }).trim();
    const refused = (stack: string, reason: RegExp) =>
      assert.rejects(deploy(stack, at("plan")), (error: Refusal) => {
        assert.equal(error.code, "UPDATE_PLAN_OUTDATED");
        assert.match(error.message, reason);
        return true;
      });
    fs.writeFileSync(at("state"), '{"changed": true}');
    await refused(
      "prod",
      /: the state of stack prod has changed since, by an update, refresh or import\. Nothing was changed/,
    );
    await refused("test", /: it is the plan of stack prod, not of test\. Nothing/);
    fs.writeFileSync(at("state"), "{}");
    fs.writeFileSync(at("plan", "basis.json"), basis.replace(head, "0123"));
    await refused("prod", new RegExp(`: it was made from commit 0123, and this is ${head}\\. Nothing`));
    assert.doesNotMatch(read("calls"), /^up/m);
  });

  it("make no plan that can be deployed if the preview is refused", async () => {
    process.env.STATUS = "1";
    await assert.rejects(plan("prod", at("plan")), /pulumi preview/);
    assert.ok(!fs.existsSync(at("plan", "basis.json")));
    assert.match(read("summary"), /### ❌ prod/);
  });

  it("report drift", async () => {
    await drift("prod");
    assert.match(
      read("calls"),
      /^preview --refresh --expect-no-changes --diff --policy-pack policy-pack .*--stack prod/,
    );
    process.env.STATUS = "7";
    process.env.DEPLOYED = execFileSync("git", ["rev-parse", "HEAD"], { encoding: "utf8" }).trim();
    await assert.rejects(drift("prod"), /^Error: stack prod has drifted/);
    process.env.DEPLOYED = "a5a28ac1";
    await assert.rejects(
      drift("prod"),
      /^Error: commit \w{40} is not deployed to stack prod, whose commit is a5a28ac1:/,
    );
    process.env.STATUS = "1";
    await assert.rejects(drift("prod"), /^Error: pulumi preview .* ended with 1/);
    assert.equal(read("summary").match(/### ❌ prod/g)?.length, 3);
  });
});
