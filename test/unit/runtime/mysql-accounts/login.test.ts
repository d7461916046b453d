import assert from "node:assert/strict";
import { passwordRefused } from "../../../../contract/password-refused";
import { asAdministrator } from "../../../../runtime/mysql-accounts/login";
import { refusing } from "../../../support/refusing-server";
import { refused } from "../../../support/refusal";

/** What an administrator whose password is SECRET does there. */
function login(port: number, patienceMs: number): Promise<void> {
  const server = {
    host: "127.0.0.1",
    port,
    ca: "",
    administrator: { user: "platform_admin", password: "SECRET" },
    refused: (at: string, user: string, options: ErrorOptions) => passwordRefused(at, user, "nacos-x", options),
  };
  return asAdministrator(server, patienceMs, () => assert.fail("it was let in"));
}

describe("the administrator's login in MySQL", () => {
  it("is refused at once for a wrong password, with the fix and without the password", () =>
    refusing(1045, "Access denied", async (port) => {
      await assert.rejects(login(port, 600_000), (error: Error) => {
        assert.doesNotMatch(error.message, /SECRET/);
        return refused(
          "MYSQL_PASSWORD_REFUSED",
          `127.0.0.1:${port}`,
          "platform_admin",
          "kubectl --namespace nacos-x delete pods",
        )(error);
      });
    }));

  it("is repeated after any other answer, and the last one is reported", () =>
    refusing(1040, "Too many connections", async (port) => {
      await assert.rejects(
        login(port, 0),
        refused("MYSQL_NOT_WRITABLE", `127.0.0.1:${port}`, "0 s", "Too many connections"),
      );
    }));
});
