import assert from "node:assert/strict";
import * as http from "node:http";
import * as net from "node:net";
import { checkToken, membersSeen, signIn } from "../../../../ops/secrets/nacos-access";
import { refused } from "../../../support/refusal";

type Reply = [status: number, body: object | ""];

/** A Nacos of one version, as far as its paths go. */
async function withNacos<T>(
  paths: Readonly<Record<string, (headers: http.IncomingHttpHeaders, form: URLSearchParams) => Reply>>,
  use: (url: string) => Promise<T>,
): Promise<T> {
  const server = http.createServer((request, answer) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const [path] = (request.url ?? "").split("?");
      const [status, body] = paths[path]?.(request.headers, new URLSearchParams(Buffer.concat(chunks).toString())) ?? [
        404,
        {},
      ];
      answer.writeHead(status).end(body === "" ? "" : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  try {
    return await use(`http://127.0.0.1:${(server.address() as net.AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const login = (_: http.IncomingHttpHeaders, form: URLSearchParams): Reply =>
  form.get("password") === "right" ? [200, { accessToken: "t" }] : [403, {}];
const roles = ({ accesstoken, who }: http.IncomingHttpHeaders): Reply =>
  accesstoken === "t" || who === "server" ? [200, { pageItems: [] }] : [403, {}];
const members = (): Reply => [200, { data: [{ address: "nacos-0:8848", state: "UP" }] }];
const v1 = { "/nacos/v1/auth/login": login, "/nacos/v1/auth/roles": roles, "/nacos/v1/core/cluster/nodes": members };
const v3 = {
  "/nacos/v3/auth/user/login": login,
  "/nacos/v3/auth/role/list": roles,
  "/nacos/v3/admin/core/cluster/node/list": members,
};

describe("access to a server of Nacos", () => {
  for (const [version, paths, isV3] of [
    ["2.x", v1, false],
    ["3.x", v3, true],
  ] as const) {
    it(`of ${version} is by a login, a token or the servers' identity`, () =>
      withNacos(paths, async (url) => {
        const found = await signIn(url, "nacos", "right");
        assert.deepEqual(found, { token: "t", isV3 });
        await checkToken(url, found);
        assert.deepEqual(await membersSeen(url, isV3, { who: "server" }), [{ address: "nacos-0:8848", state: "UP" }]);
      }));

    it(`of ${version} is refused with the status, and never with what was sent`, () =>
      withNacos(paths, async (url) => {
        await assert.rejects(signIn(url, "nacos", "wrong-word"), refused("SECRETS_LOGIN_REFUSED", "403"));
        await assert.rejects(checkToken(url, { token: "another", isV3 }), refused("SECRETS_TOKEN_REFUSED", "403"));
        await assert.rejects(membersSeen(url, isV3, { who: "nobody" }), refused("SECRETS_IDENTITY_REFUSED", "403"));
      }));
  }

  it("takes an empty answer for none, as 3.0 gives one when its filter fails", () =>
    withNacos({ ...v3, "/nacos/v3/auth/role/list": () => [200, ""] }, async (url) => {
      await assert.rejects(checkToken(url, { token: "t", isV3: true }), refused("SECRETS_TOKEN_REFUSED", "200"));
    }));

  it("says so if nothing answers", async () => {
    const url = await withNacos({}, (gone) => Promise.resolve(gone));
    await assert.rejects(signIn(url, "nacos", "right"), /^Error: it does not answer: connect ECONNREFUSED/);
  });

  it("takes the status 0, with which 2.2 refuses a login, for a refusal", async () => {
    const server = net.createServer(
      (socket) =>
        void socket.once("data", (request) =>
          socket.end(
            request.includes("/v3/")
              ? "HTTP/1.1 404 \r\ncontent-length: 0\r\n\r\n"
              : "HTTP/1.1 0 \r\nconnection: close\r\n\r\n",
          ),
        ),
    );
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
    await assert.rejects(
      signIn(`http://127.0.0.1:${(server.address() as net.AddressInfo).port}`, "nacos", "wrong"),
      refused("SECRETS_LOGIN_REFUSED", "with 0"),
    );
    server.close();
  });
});
