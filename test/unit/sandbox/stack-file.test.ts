import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { TENANTS } from "../../../sandbox/deploy/project";
import { changedFile } from "../../../sandbox/deploy/stack-file";

describe("the stack file that a pulumi command of the shell changes", () => {
  let folder: string;
  let files: { checkout: string; secrets: string };
  before(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "stack-file-test-"));
    files = { checkout: "the checkout's", secrets: path.join(folder, "Pulumi.dev.yaml") };
    fs.writeFileSync(
      files.secrets,
      "encryptionsalt: v1:x\nconfig:\n  nacos-platform:mysql:\n    password:\n      secure: v1:y\n    image: plain\n",
    );
  });
  after(() => fs.rmSync(folder, { recursive: true }));

  const settings = [
    "config set --path nacos-platform:nacos.replicas 3",
    "config set replicas get",
    "-C elsewhere config --non-interactive set replicas 3",
    "config --stack dev set replicas 3",
    "config set-all --plaintext a=b",
    "config rm --path nacos-platform:nacos.replicas",
    "config remove-all a b",
    "config rm --path nacos-platform:mysql.image",
    "config rm nacos-platform:mysql",
  ];
  for (const words of settings)
    it(`is the checkout's for ${words}`, () => assert.equal(changedFile(words.split(" "), files), files.checkout));

  const secrets = [
    "config set --secret --path nacos-platform:mysql.password x",
    "config set password x --secret=true",
    "config set-all --plaintext a=b --secret c=d",
    "config rm --path nacos-platform:mysql.password",
    "config delete --path mysql.password",
  ];
  for (const words of secrets)
    it(`is the cluster's for ${words}`, () => assert.equal(changedFile(words.split(" "), files), files.secrets));

  it("is known by the keys of the project", () => {
    fs.writeFileSync(files.secrets, "config:\n  nacos-tenants:token:\n    secure: v1:y\n");
    assert.equal(changedFile(["config", "rm", "token"], files, TENANTS), files.secrets);
    assert.equal(changedFile(["config", "rm", "token"], files), files.checkout);
  });

  for (const words of [
    "up --yes",
    "config",
    "config get set",
    "config refresh",
    "config env rm set",
    "preview --config set",
    "stack rm dev",
  ]) {
    it(`is none for ${words}`, () => assert.equal(changedFile(words.split(" "), files), undefined));
  }
});
