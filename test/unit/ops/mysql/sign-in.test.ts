import assert from "node:assert/strict";
import * as net from "node:net";
import type { KubernetesApi } from "../../../../clients/kubernetes/api";
import { Refusal } from "../../../../contract/refusal";
import { requireSignIn } from "../../../../ops/mysql/sign-in";

/** A server that refuses whoever comes, with an error of MySQL's. */
function refusing(code: number, message: string): Promise<net.Server> {
  const body = Buffer.concat([Buffer.from([0xff, code & 0xff, code >> 8]), Buffer.from(`#28000${message}`)]);
  const server = net.createServer((socket) => {
    socket.on("error", () => undefined).resume();
    socket.end(Buffer.concat([Buffer.from([body.length, 0, 0, 0]), body]));
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

function stackWith(get: (path: string) => Promise<unknown>): Parameters<typeof requireSignIn>[0] {
  return { stack: "prod", namespace: "nacos-x", api: { get } as unknown as KubernetesApi };
}

describe("the check before a command runs through the tunnel", () => {
  const paths: string[] = [];
  const secret = (path: string): Promise<unknown> => {
    paths.push(path);
    return Promise.resolve({ data: { "admin.json": Buffer.from('{"user":"platform_admin","password":"SECRET"}').toString("base64") } });
  };
  const failing = (status: number) => () => Promise.reject(Object.assign(new Error("GET …"), { status }));

  async function refusal(code: number, message: string): Promise<string> {
    const server = await refusing(code, message);
    try {
      return await requireSignIn(stackWith(secret), (server.address() as net.AddressInfo).port).then(() => assert.fail("it was let in"), (error: unknown) => {
        assert.ok(error instanceof Refusal);
        return error.message;
      });
    } finally {
      server.close();
    }
  }

  it("refuses a wrong password, with the fix and without the password", async () => {
    const said = await refusal(1045, "Access denied for user 'platform_admin'");
    assert.equal(said.replace(/:\d+ /, ":PORT "), "MySQL at 127.0.0.1:PORT refuses the password of platform_admin: the servers have other passwords than the stack. They use the stack's passwords after they all restart together, and nobody can write for a minute: kubectl --namespace nacos-x delete pods --selector 'app.kubernetes.io/name=mysql,app.kubernetes.io/component in (server,controller)'");
    assert.doesNotMatch(said, /SECRET/);
    assert.equal(paths.at(-1), "/api/v1/namespaces/nacos-x/secrets/mysql-admin");
  });

  it("repeats the error of a server that refuses the login", async () => {
    assert.match(await refusal(1040, "Too many connections"), /refuses the login: .*Too many connections/);
  });

  it("says how to continue if no server is reachable", () =>
    assert.rejects(requireSignIn(stackWith(secret), 1), /is unreachable: .*ECONNREFUSED.* `ops mysql status` shows the state of the servers\.$/));

  it("refuses a stack that is not deployed, and if the API server does not answer", async () => {
    await assert.rejects(requireSignIn(stackWith(failing(404)), 1), { message: "namespace nacos-x has no Secret mysql-admin: deploy stack prod of the platform first." });
    await assert.rejects(requireSignIn(stackWith(failing(403)), 1), /GET …/);
  });
});
