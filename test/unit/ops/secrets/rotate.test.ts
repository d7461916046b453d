import assert from "node:assert/strict";
import type { ErrorCode } from "../../../../contract/error-codes";
import { rotateCommand } from "../../../../ops/secrets/rotate";
import { ROTATED } from "../../../../ops/secrets/secrets";
import { run } from "../../../support/program";
import { refused } from "../../../support/refusal";

describe("secrets rotate", () => {
  const refuses = (secret: string, window: boolean, code: ErrorCode, ...parameters: string[]) =>
    assert.rejects(rotateCommand.run({ stack: "dev", secret, window }, []), refused(code, ...parameters));

  it("names the secrets that it knows if another is given", () =>
    refuses("root", false, "USAGE_VALUE_INVALID", '"root"', "mysql-runtime, nacos-admin, nacos-token, nacos-identity"));

  it("restarts all servers at once only after agreement, and says what that means for clients", async () => {
    await refuses("nacos-token", false, "SECRETS_WINDOW_REQUIRED", "about a minute", "refused until its token expires");
    await refuses("nacos-identity", false, "SECRETS_WINDOW_REQUIRED", "about a minute");
  });

  it("takes no consent for what needs none", async () => {
    await refuses("mysql-runtime", true, "USAGE_OPTIONS_CONFLICT", "--window", "mysql-runtime");
    await refuses("nacos-admin", true, "USAGE_OPTIONS_CONFLICT", "--window", "nacos-admin");
  });

  it("knows a secret by a Secret of the program that is written before anything else has the new value", async () => {
    const secrets = (await run("dev")).all("kubernetes:core/v1:Secret");
    for (const [name, { object, key, resource }] of Object.entries(ROTATED)) {
      const [holder] = secrets.filter(({ inputs }) => (inputs.metadata.name as unknown) === object);
      assert.ok(key in holder.inputs.stringData, name);
      assert.deepEqual(
        holder.dependsOn.filter((other) => other.endsWith("-end") && other.startsWith(resource.split("-")[0])),
        [],
        name,
      ); // no Job of its component
    }
  });
});
