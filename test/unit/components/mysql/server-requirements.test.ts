import assert from "node:assert/strict";
import type { Connection } from "mysql2/promise";
import { requireFit } from "../../../../components/mysql/server-requirements";

describe("an external MySQL server", () => {
  const fit = { logs: 1, gtidMode: "ON", readOnly: 0, activatesRoles: 1, connections: 100 };
  const judge = (version: string, server: Partial<typeof fit> = {}) => {
    const query = (statement: string) => Promise.resolve([[statement.includes("log_bin") ? { ...fit, ...server } : { version }]]);
    return requireFit("db.example:3306", { query } as unknown as Pick<Connection, "query">, { caCertificates: "", connections: 80 });
  };

  for (const version of ["8.0.22", "8.0.40-azure", "8.4.6", "9.7.4", "10.0.0"]) {
    it(`may be of version ${version}`, () => judge(version));
  }

  for (const version of ["5.7.44-log", "8.0.21", "11.4.2-MariaDB-log"]) {
    it(`may not be of version ${version}`, () => assert.rejects(judge(version), { message: `MySQL at db.example:3306 is of version ${version}, and 8.0.22 or newer is needed.` }));
  }

  const faults: [Partial<typeof fit>, RegExp][] = [
    [{ logs: 0 }, /^- log_bin is OFF/m],
    [{ gtidMode: "OFF_PERMISSIVE" }, /^- gtid_mode is OFF_PERMISSIVE/m],
    [{ activatesRoles: 0 }, /^- activate_all_roles_on_login is OFF/m],
    [{ readOnly: 1 }, /^- it is read-only/m],
    [{ connections: 79 }, /^- max_connections is 79, and the platform may open 80/m],
  ];
  for (const [server, message] of faults) {
    it(`is refused with ${JSON.stringify(server)}, and for nothing else`, () => assert.rejects(judge("8.4.6", server), (error: Error) => {
      assert.match(error.message, message);
      return error.message.split("\n").length === 2;
    }));
  }

  it("is refused with everything that is wrong", () => assert.rejects(judge("8.4.6", { logs: 0, gtidMode: "OFF", activatesRoles: 0, readOnly: 1, connections: 1 }), (error: Error) => error.message.split("\n").length === 1 + faults.length));
});
