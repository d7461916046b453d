import { strict as assert } from "node:assert";
import { ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import * as net from "node:net";
import * as path from "node:path";
import { createInterface } from "node:readline";
import { connect } from "../../../sandbox/plugins/resource-mysql/connection";
import { connectThroughProxy } from "../../../sandbox/plugins/resource-mysql/socks";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { configFromStruct, fromStruct, toStruct } from "../../../sandbox/plugins/resource-mysql/wire";
import { Plugin, recordedState } from "../../contract/plugin";

const nowhere = { endpoint: "127.0.0.1:1", username: "u", password: "p", tls: "false" };
const secret = (value: string) => ({ "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value });

describe("the MySQL provider's wire protocol", () => {
  it("takes secrets out of their wrapping, and leaves out what is null", () => {
    assert.deepEqual(fromStruct(Struct.fromJavaScript({ password: secret("p"), host: null, roles: ["r"] })), {
      password: "p",
      roles: ["r"],
    });
    assert.deepEqual(fromStruct(undefined), {});
  });

  it("takes the provider's numbers as strings or as JSON", () => {
    assert.deepEqual(
      configFromStruct(Struct.fromJavaScript({ maxOpenConns: 2, maxConnLifetimeSec: "60", password: secret("p") })),
      { maxOpenConns: "2", maxConnLifetimeSec: "60", password: "p" },
    );
  });

  it("marks secret properties", () => {
    assert.deepEqual(toStruct({ user: "u", password: "p" }, { user: {}, password: { secret: true } }).toJavaScript(), {
      user: "u",
      password: secret("p"),
    });
  });
});

describe("the MySQL provider's connection", () => {
  it("is tried for until the time is up, and the last reason told", async () => {
    const begun = Date.now();
    await assert.rejects(
      connect(
        {
          address: { host: "127.0.0.1", port: 1 },
          username: "u",
          password: "p",
          tls: "false",
          cleartextPassword: false,
        },
        600,
      ),
      /Could not connect to server: connect ECONNREFUSED/,
    );
    assert.ok(Date.now() - begun >= 600);
  });

  it("goes through a SOCKS proxy to a name that the proxy looks up", async () => {
    const seen: string[] = [];
    const proxy = net.createServer((client) => {
      const answers = [
        [5, 2],
        [1, 0],
        [5, 0, 0, 1, 127, 0, 0, 1, 0, 80],
      ].map((bytes) => Buffer.from(bytes));
      client.on("data", (bytes: Buffer) => {
        seen.push(bytes.toString("latin1"));
        const answer = answers.shift();
        if (answer !== undefined)
          client.write(answers.length === 0 ? Buffer.concat([answer, Buffer.from("greeting")]) : answer);
      });
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    const { port } = proxy.address() as net.AddressInfo;
    const socket = await connectThroughProxy(new URL(`socks5://me:it@127.0.0.1:${port}`), "mysql", 3306, 1000);
    const [greeting] = (await once(socket, "data")) as [Buffer];
    assert.equal(greeting.toString(), "greeting");
    assert.deepEqual(seen, ["\x05\x01\x02", "\x01\x02me\x02it", "\x05\x01\x00\x03\x05mysql\x0c\xea"]);
    socket.destroy();
    proxy.close();
  });

  it("says so where the proxy refuses, or hangs up", async () => {
    const refusals = [Buffer.from([5, 0, 5, 4, 0, 1]), undefined];
    const proxy = net.createServer((client) => {
      const answer = refusals.shift();
      if (answer === undefined) client.end();
      else client.once("data", () => client.write(answer));
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    const url = new URL(`socks5://127.0.0.1:${(proxy.address() as net.AddressInfo).port}`);
    await assert.rejects(connectThroughProxy(url, "mysql", 3306, 1000), /cannot reach mysql:3306 \(code 4\)/);
    await assert.rejects(connectThroughProxy(url, "mysql", 3306, 1000));
    proxy.close();
  });
});

describe("the MySQL provider's plugin", () => {
  const main = path.resolve(__dirname, "../../../sandbox/plugins/resource-mysql/main.ts");
  const node = `'${process.execPath}' --require sucrase/register '${main}'`;

  it("plans without a server", async () => {
    const plugin = await Plugin.start();
    try {
      await plugin.configure(nowhere);
      const planned = await plugin.create("User", { user: "u", plaintextPassword: "a" }, true);
      assert.deepEqual(planned.outputs, {
        user: "u",
        host: "localhost",
        plaintextPassword: "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb",
        tlsOption: "NONE",
      });
      assert.deepEqual(await plugin.diff({ ...planned, id: "u@localhost" }, { user: "u", host: "%" }), {
        changed: ["host", "plaintextPassword"],
        replaces: ["host"],
        deleteBeforeReplace: false,
      });
    } finally {
      plugin.stop();
    }
  });

  it("does nothing while its configuration is not known", async () => {
    const plugin = await Plugin.start();
    try {
      await plugin.configure({ ...nowhere, endpoint: "04da6b54-80e4-46f7-96ec-b56ff0331ba9" });
      await assert.rejects(plugin.import("Database", "d"), /the provider is not configured/);
    } finally {
      plugin.stop();
    }
  });

  it("hands over the new state with a failed update, and no state with a failed creation", async () => {
    const plugin = await Plugin.start();
    try {
      await plugin.configure(nowhere);
      const made = await plugin.create("Database", { name: "d" }, true);
      const failure = async (action: Promise<unknown>) =>
        recordedState(
          await action.then(
            () => assert.fail("it did not fail"),
            (error: unknown) => error,
          ),
        );
      const [updated, created] = await Promise.all([
        failure(plugin.update({ ...made, id: "d" }, { name: "d", defaultCharacterSet: "latin1" })),
        failure(plugin.create("Database", { name: "d" })),
      ]);
      assert.equal(updated?.defaultCharacterSet, "latin1");
      assert.equal(created, undefined);
    } finally {
      plugin.stop();
    }
  });

  it("prints its port, and ends when the engine that started it is gone", async () => {
    const engine: ChildProcess = spawn("sh", ["-c", `${node} & echo $!; wait`], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const lines: string[] = [];
    assert.ok(engine.stdout !== null);
    for await (const line of createInterface(engine.stdout)) if (lines.push(line) === 2) break;
    const [plugin, port] = lines.map(Number);
    assert.ok(port > 0);
    engine.kill("SIGKILL");
    const isAlive = () => {
      try {
        return process.kill(plugin, 0);
      } catch {
        return false;
      }
    };
    while (isAlive()) await new Promise((resolve) => setTimeout(resolve, 50));
  });
});
