import assert from "node:assert/strict";
import { Server, WrongServerError } from "../../../runtime/mysql-controller/server";
import { ACCOUNTS } from "../../../contract/accounts";
import { MYSQL_PORT } from "../../../contract/ports";
import { Installation, PASSWORD } from "./mysqld";

/**
 * What the controller finds if a server's name leads to another one.
 *
 * @param archive where MySQL's image is; it is called once, when the tests begin.
 */
export function describeIdentity(archive: () => string): void {
  let installation: Installation;

  before(() => (installation = new Installation(archive())));
  after(() => installation?.remove());

  it("is not trusted, and receives no statement", async () => {
    const { host, name } = await installation.start();
    const named = (meant: string): Server =>
      new Server(
        meant,
        host,
        () => Promise.resolve({ host, port: MYSQL_PORT }),
        { user: ACCOUNTS.control, password: PASSWORD },
        () => installation.ca,
      );
    const [right, wrong] = [named(name), named("mysql-77")];
    await right.run("SET GLOBAL max_connections = 19");
    for (const attempt of [wrong.state(), wrong.another().run("SET GLOBAL max_connections = 18")])
      await assert.rejects(attempt, new WrongServerError(`the address of mysql-77 leads to ${name}`));
    assert.deepEqual(await right.query("SELECT @@max_connections AS connections"), [{ connections: 19 }]);
    right.close();
  });
}
