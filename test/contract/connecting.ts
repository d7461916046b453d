import { strict as assert } from "node:assert";
import { once } from "node:events";
import * as net from "node:net";
import { Bag } from "./plugin";
import { NOWHERE, Server, ServerAddress } from "./server";

/** Stands for a value that is not known before an update. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
/** Key of the object that marks a secret. */
const SECRET_KIND = "4dabf18193072939515e22adb298388d";

/** Listens like the server, and forwards everything to it. */
function relayTo({ host, port }: ServerAddress): net.Server {
  return net.createServer((client) => {
    const upstream = net.connect(port, host);
    for (const end of [client, upstream]) end.on("error", () => undefined);
    client.pipe(upstream).pipe(client);
  });
}

async function listen(server: net.Server, port = 0): Promise<number> {
  await once(server.listen(port, "127.0.0.1"), "listening");
  return (server.address() as net.AddressInfo).port;
}

/** When and how the plugin connects to the server, and what it does without it. */
export function describeConnecting(on: () => Server): void {
  describe("connects to a server", () => {
    it("not for checks, diffs and previews", async () => {
      const offline = await on().started(NOWHERE);
      const planned = await offline.create("User", on().user("offline"), true);
      assert.equal(planned.id, "");
      assert.equal(planned.outputs.tlsOption, "NONE");
      assert.deepEqual(
        (await offline.diff({ ...planned, id: "x" }, on().user("offline", { plaintextPassword: "second" }))).changed,
        ["plaintextPassword"],
      );
    });

    it("again and again until its time is over, whatever the reason: even a wrong password is retried", async () => {
      const wrong = await on().started({ password: "wrong" });
      await on().givesUp(
        wrong,
        (trying) => trying.create("Database", on().database("wrong")),
        /Could not connect to server: Error 1045 \(28000\): Access denied/,
      );
    });

    it("for deletes too: without the server nothing can be deleted", async () => {
      const made = await on().plugin.create("Database", on().database("deleted"));
      await on().givesUp(await on().started(NOWHERE), (trying) => trying.delete(made), /Could not connect to server/);
      await on().plugin.delete(made);
      assert.equal(await on().plugin.refresh(made), undefined);
    });

    it("for a refresh too", async () => {
      await on().givesUp(
        await on().started(NOWHERE),
        (trying) => trying.import("Database", "any"),
        /Could not connect to server/,
      );
    });

    it("that starts to answer only later", async () => {
      const relay = relayTo(on().address);
      const port = await listen(relay);
      await new Promise((resolve) => relay.close(resolve));
      const imported = (await on().started({ endpoint: `127.0.0.1:${port}` })).import("Database", "mysql");
      await new Promise((resolve) => setTimeout(resolve, 300));
      await listen(relay, port);
      try {
        assert.equal((await imported)?.id, "mysql");
      } finally {
        relay.close();
      }
    });

    it("again for each operation, and once more to read back what was created", async () => {
      let connections = 0;
      const relay = relayTo(on().address).on("connection", () => connections++);
      const counted = await on().started({ endpoint: `127.0.0.1:${await listen(relay)}` });
      try {
        const made = await counted.create("Database", on().database("counted"));
        assert.equal(connections, 2);
        await counted.refresh(made);
        await counted.delete(made);
        assert.equal(connections, 4);
      } finally {
        relay.close();
      }
    });

    it("whose certificate it cannot verify, but only with skip-verify", async () => {
      await on().givesUp(
        await on().started({ tls: "true" }),
        (trying) => trying.import("Database", "mysql"),
        /Could not connect to server: .*certificate/,
      );
      assert.equal((await (await on().started({ tls: "skip-verify" })).import("Database", "mysql"))?.id, "mysql");
    });
  });

  describe("secrets", () => {
    it("does not mark the provider's password", async () => {
      assert.equal((await on().plugin.checkConfig(on().config())).inputs.password, on().address.password);
    });

    it("marks a user's passwords", async () => {
      const { inputs } = await on().plugin.check("User", on().user("marked"));
      assert.ok(SECRET_KIND in (inputs.plaintextPassword as Bag));
    });

    it("keeps a hash of plaintextPassword in the state, and password as it is", async () => {
      const hashed = await on().plugin.create("User", on().user("hashed"), true);
      assert.match(hashed.outputs.plaintextPassword as string, /^[0-9a-f]{64}$/);
      const plain = await on().plugin.create("User", { user: `${on().prefix}_plain`, password: "as it is" }, true);
      assert.equal(plain.outputs.password, "as it is");
    });
  });

  describe("before an update", () => {
    it("treats an unknown value as a change, and passes it on", async () => {
      const planned = await on().plugin.create("User", on().user("later", { plaintextPassword: UNKNOWN }), true);
      assert.equal(planned.outputs.plaintextPassword, UNKNOWN);
      const known = await on().plugin.create("User", on().user("later"), true);
      assert.deepEqual(
        (await on().plugin.diff({ ...known, id: "x" }, on().user("later", { plaintextPassword: UNKNOWN }))).changed,
        ["plaintextPassword"],
      );
    });

    it("refuses bad settings of the provider, and accepts unknown ones", async () => {
      assert.deepEqual(
        (
          await on().plugin.checkConfig({ endpoint: "", username: "u", tls: "required", proxy: "http://proxy:1" })
        ).refused.sort(),
        ["endpoint", "proxy", "tls"],
      );
      assert.deepEqual((await on().plugin.checkConfig({ username: "u" })).refused, ["endpoint"]);
      assert.deepEqual(
        (await on().plugin.checkConfig({ endpoint: UNKNOWN, username: "u", password: UNKNOWN })).refused,
        [],
      );
    });
  });
}
