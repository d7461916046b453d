import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { Cluster } from "../../../sandbox/cluster/cluster";
import { openedPort } from "../../../sandbox/deploy/access";
import { Stack } from "../../../sandbox/deploy/stack";
import { CommandError } from "../../../sandbox/exec";
import { UserError } from "../../../sandbox/errors";

describe("a stack on a target", () => {
  let folder: string;
  beforeEach(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), "stack-test-"))));
  afterEach(() => fs.rmSync(folder, { recursive: true }));

  /** A stack whose `pulumi` is a script. */
  function stackWith(script: string, config: () => Record<string, unknown> = () => ({})): Stack {
    fs.writeFileSync(path.join(folder, "pulumi"), `#!/bin/sh\necho "$*" >> ${folder}/asked\n${script}\n`, {
      mode: 0o755,
    });
    return new Stack(
      { program: folder, dir: folder, project: folder, config, secrets: () => ({}), pulumi: {} },
      { binDir: folder, pluginDir: folder, origin: "" },
      "dev",
    );
  }

  it("is not made where its configuration is refused", async () => {
    const stack = stackWith("", () => {
      throw new UserError("never up");
    });
    await assert.rejects(stack.prepare(), /never up/);
    assert.deepEqual(fs.readdirSync(folder), ["pulumi"]);
  });

  it("is made, and given its configuration with what Pulumi encrypted for it", async () => {
    const stack = stackWith("", () => ({ "nacos-platform:mysql": { image: "x" } }));
    fs.writeFileSync(
      stack.secretsFile,
      "encryptionsalt: v1:x\nconfig:\n  nacos-platform:mysql:\n    password:\n      secure: v1:y\n",
    );
    await stack.prepare();
    assert.equal(fs.readFileSync(path.join(folder, "asked"), "utf8"), "stack select --create dev\n");
    assert.match(
      fs.readFileSync(stack.configFile, "utf8"),
      /^encryptionsalt: v1:x\nconfig:\n {2}nacos-platform:mysql:\n {4}password:\n {6}secure: v1:y\n {4}image: x\n$/,
    );
  });

  it("says that it was not deployed, and what comes next, where Pulumi refuses what it has shown", async () => {
    await assert.rejects(stackWith('[ "$1" = up ] && exit 255; echo {}').up("Try again."), (error: Error) => {
      assert.ok(error instanceof UserError);
      assert.equal(error.message, 'stack "dev" was not deployed; Pulumi says why above. Try again.');
      return true;
    });
  });

  /** What is asked of Pulumi by an update and a look at the outputs after it, where a preview ends with this status. */
  async function askedFor(previewed: number): Promise<string[]> {
    const stack = stackWith(`case "$1" in stack) echo '{"a":1}';; preview) exit ${previewed};; esac`);
    await stack.up();
    assert.deepEqual(await stack.outputs(), { a: 1 });
    return fs
      .readFileSync(path.join(folder, "asked"), "utf8")
      .trim()
      .split("\n")
      .map((words) => words.split(" ")[0]);
  }

  it("reads its outputs once where nothing was changed, and again after a change", async () => {
    assert.deepEqual(await askedFor(0), ["stack", "preview"]);
    fs.rmSync(path.join(folder, "asked"));
    assert.deepEqual(await askedFor(7), ["stack", "preview", "up", "stack"]);
  });

  it("uses a preview that has run before, unless that is forgotten, and waits for its end", async () => {
    const previews = async (use: (stack: Stack) => void, deployed = '{"a":1}'): Promise<number> => {
      fs.rmSync(path.join(folder, "asked"), { force: true });
      const stack = stackWith(
        `case "$1" in stack) echo '${deployed}';; preview) sleep 0.05; touch "${path.join(folder, "ended")}";; esac`,
      );
      await stack.previewAhead();
      if (deployed !== "{}") assert.ok(fs.existsSync(path.join(folder, "ended")));
      use(stack);
      await stack.up();
      return fs
        .readFileSync(path.join(folder, "asked"), "utf8")
        .split("\n")
        .filter((words) => words.startsWith("preview")).length;
    };
    assert.equal(await previews(() => undefined), 1);
    assert.equal(await previews((stack) => stack.forgetPreview()), 2);
    assert.equal(await previews(() => undefined, "{}"), 0); // it is not deployed
  });

  it("knows whether an update has run", async () => {
    for (const [previewed, changed] of [
      [0, false],
      [7, true],
    ] as const) {
      const stack = stackWith(`case "$1" in stack) echo '{"a":1}';; preview) exit ${previewed};; esac`);
      await stack.up();
      assert.equal(stack.hasChanged, changed);
    }
  });

  it("quotes Pulumi where nothing was shown", async () => {
    await assert.rejects(
      stackWith("echo no such backend >&2; exit 255").up(),
      (error: Error) =>
        error instanceof CommandError && /stack output .* ended with 255:\nno such backend/.test(error.message),
    );
  });

  it("has no port on a cluster where it was never up", () => {
    assert.throws(() => openedPort(new Cluster({ name: "no-such-cluster", nodes: 1, apiPort: 1 }), "test", 3306), {
      message:
        'stack "test" was never up on cluster "no-such-cluster". Bring it up there first: `make up STACK=test NAME=no-such-cluster`.',
    });
  });
});
