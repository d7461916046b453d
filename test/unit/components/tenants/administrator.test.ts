import assert from "node:assert/strict";
import { asAdministrator } from "../../../../components/tenants/administrator";
import { refusing } from "../../../support/refusing-server";

describe("the login to MySQL for tenants", () => {
  const login = (port: number) =>
    asAdministrator({ endpoint: `127.0.0.1:${port}`, user: "admin", password: "SECRET", caCertificates: "" }, () =>
      assert.fail("it is logged in"),
    );

  it("is refused with the code of its remedy if the password is wrong, without the password", () =>
    refusing(1045, "Access denied", (port) =>
      assert.rejects(login(port), {
        code: "TENANTS_MYSQL_PASSWORD_REFUSED",
        message: `MySQL at 127.0.0.1:${port} refuses the password of admin. It has to be the MySQL of the platform: is a tunnel to another stack open there? If not, see nacos-tenants:endpoint [TENANTS_MYSQL_PASSWORD_REFUSED: docs/runbooks/tenants.md]`,
      }),
    ));

  it("fails with the server's error if that is another", () =>
    refusing(1040, "Too many connections", (port) =>
      assert.rejects(login(port), { errno: 1040, message: "Too many connections" }),
    ));
});
