import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { PLATFORM, projectAt, TENANTS } from "../../../sandbox/deploy/project";
import { checkout } from "../../../sandbox/paths";

describe("the projects of the checkout", () => {
  it("have the names that their Pulumi.yaml says", () => {
    for (const { name, folder } of [PLATFORM, TENANTS])
      assert.equal((parse(fs.readFileSync(path.join(folder, "Pulumi.yaml"), "utf8")) as { name: string }).name, name);
  });

  for (const [folder, words, project] of [
    [".", "up --yes", PLATFORM],
    ["sandbox", "up", PLATFORM],
    ["/", "up", PLATFORM],
    [".", "up -C", PLATFORM],
    ["tenants", "-C .. up", PLATFORM],
    ["tenants", "up --yes", TENANTS],
    [".", "-C tenants up", TENANTS],
    [".", "up --cwd tenants", TENANTS],
    [".", "--cwd=tenants up", TENANTS],
    ["tenants", "-C . up", TENANTS],
    [".", "-Ctenants up", TENANTS],
    [".", "-C=tenants up", TENANTS],
  ] as const) {
    it(`is ${project.name} for pulumi ${words} in ${folder}`, () =>
      assert.equal(projectAt(path.resolve(checkout, folder), words.split(" ")), project));
  }
});
