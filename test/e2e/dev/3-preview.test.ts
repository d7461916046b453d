import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { CommandError, run } from "../../../sandbox/exec";
import { checkout } from "../../../sandbox/paths";
import { requireConforming } from "../support/kubeconform";

describe("a preview of a pull request", () => {
  it("runs under the policy pack without the stack's cluster, state and secrets", async () => {
    const said = await run("make", ["--silent", "preview", "STACK=prod"], { cwd: checkout });
    assert.match(said, /Policies:\n.* nacos-platform@v/);
    assert.doesNotMatch(said, /\[mandatory\]/);
    assert.match(said, /kubernetes:apps\/v1:StatefulSet nacos-server create/);
    assert.match(said, /Resources:\n\s+\+ \d+ to create\n/);
  });
});

describe("manifests for GitOps", () => {
  const rendered = path.join(checkout, "rendered", "prod");
  let schemas: string;

  before(() => (schemas = fs.mkdtempSync(path.join(os.tmpdir(), "nacos-platform-schemas-"))));
  after(() => fs.rmSync(schemas, { recursive: true, force: true }));

  it("are rendered under the policy pack, without any Secret, and kubeconform accepts them", async () => {
    const said = await run("make", ["--silent", "render", "STACK=prod"], { cwd: checkout });
    assert.match(said, /Policies:\n.* nacos-platform@v/);
    assert.match(said, /Create yourself: ConfigMap mysql-ca: ca.crt\n/);
    assert.match(await requireConforming(rendered, schemas), /Valid: \d\d, Invalid: 0, Errors: 0, Skipped: 0/);
    const texts = fs
      .readdirSync(rendered, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".yaml"))
      .map((file) => fs.readFileSync(path.join(rendered, file), "utf8"));
    assert.deepEqual(
      texts.filter((text) => /^kind: Secret$|unknownInAPreview/m.test(text)),
      [],
    );
  });

  it("would not be accepted with a misspelled field", async () => {
    const folder = path.join(schemas, "manifests");
    fs.mkdirSync(folder);
    for (const name of ["statefulset-nacos", "externalsecret-nacos-auth"]) {
      const from = path.join(rendered, name.startsWith("external") ? "external-secrets" : "manifests", `${name}.yaml`);
      const text = fs.readFileSync(from, "utf8").replace("serviceName:", "serviceNme:").replace("extract:", "extrat:");
      fs.writeFileSync(path.join(folder, `${name}.yaml`), text);
    }
    await assert.rejects(
      () => requireConforming(folder, schemas),
      (error) => error instanceof CommandError && /Invalid: 2, Errors: 0/.test(error.output),
    );
  });
});
