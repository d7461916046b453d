import assert from "node:assert/strict";
import { Refusal } from "../../../../contract/refusal";
import { rotateCommand } from "../../../../ops/secrets/rotate";

describe("secrets rotate", () => {
  const refused = (secret: string, window: boolean, message: RegExp) =>
    assert.rejects(rotateCommand.run({ stack: "dev", secret, window }, []), (error) => error instanceof Refusal && message.test(error.message));

  it("names the secrets that it knows if another is given", () =>
    refused("root", false, /^--secret "root" cannot be rotated; there are mysql-runtime, nacos-admin, nacos-token, nacos-identity\.$/));

  it("restarts all servers at once only after agreement, and says what that means for clients", async () => {
    await refused("nacos-token", false, /^all of Nacos' servers restart at once.*about a minute.*refused until its token expires.*add --window\.$/);
    await refused("nacos-identity", false, /^all of Nacos' servers restart at once.*add --window\.$/);
  });

  it("takes no consent for what needs none", async () => {
    await refused("mysql-runtime", true, /^--window is for secrets that need one; mysql-runtime is rotated while Nacos keeps running\.$/);
    await refused("nacos-admin", true, /nacos-admin is rotated while Nacos keeps running/);
  });
});
