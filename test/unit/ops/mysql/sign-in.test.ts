import assert from "node:assert/strict";
import * as net from "node:net";
import type { KubernetesApi } from "../../../../clients/kubernetes/api";
import type { ErrorCode } from "../../../../contract/error-codes";
import { requireSignIn } from "../../../../ops/mysql/sign-in";
import { refused } from "../../../support/refusal";

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
    return Promise.resolve({
      data: { "admin.json": Buffer.from('{"user":"platform_admin","password":"SECRET"}').toString("base64") },
    });
  };
  const failing = (status: number) => () => Promise.reject(Object.assign(new Error("GET …"), { status }));

  /** The error of MySQL, and what becomes of it. */
  async function refuses(errno: number, message: string, code: ErrorCode, ...parameters: string[]): Promise<void> {
    const server = await refusing(errno, message);
    const { port } = server.address() as net.AddressInfo;
    try {
      await assert.rejects(requireSignIn(stackWith(secret), port), (error: Error) => {
        assert.doesNotMatch(error.message, /SECRET/);
        return refused(code, `127.0.0.1:${port}`, ...parameters)(error);
      });
    } finally {
      server.close();
    }
  }

  it("refuses a wrong password, with the fix and without the password", async () => {
    await refuses(
      1045,
      "Access denied for user 'platform_admin'",
      "MYSQL_PASSWORD_REFUSED",
      "platform_admin",
      "kubectl --namespace nacos-x delete pods --selector 'app.kubernetes.io/name=mysql,app.kubernetes.io/component in (server,controller)'",
    );
    assert.equal(paths.at(-1), "/api/v1/namespaces/nacos-x/secrets/mysql-admin");
  });

  it("repeats the error of a server that refuses the login", () =>
    refuses(1040, "Too many connections", "MYSQL_LOGIN_FAILED", "refuses the login", "Too many connections"));

  it("says how to continue if no server is reachable", () =>
    assert.rejects(
      requireSignIn(stackWith(secret), 1),
      refused("MYSQL_LOGIN_FAILED", "127.0.0.1:1 is unreachable", "ECONNREFUSED"),
    ));

  it("refuses a stack that is not deployed, and if the API server does not answer", async () => {
    await assert.rejects(
      requireSignIn(stackWith(failing(404)), 1),
      refused("STACK_NOT_DEPLOYED", "namespace nacos-x", "Secret mysql-admin", "stack prod"),
    );
    await assert.rejects(requireSignIn(stackWith(failing(403)), 1), /GET …/);
  });
});
