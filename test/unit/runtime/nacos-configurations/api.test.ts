import assert from "node:assert/strict";
import {
  ConfigurationsApi,
  Conflict,
  NotPublished,
  type Publication,
} from "../../../../runtime/nacos-configurations/api";
import type { Answer, Body, Call } from "../../../../runtime/nacos-http";

const CONFIGURATION: Publication = {
  namespace: "public",
  group: "G:1",
  dataId: "gone-1.x_y:z",
  md5: "b8a9f715dbb64fd5c56e7783c6820a61",
  content: "ä & b=1\r\nend",
  type: "yaml",
  appName: "app",
  description: "what it is",
  use: "u",
  effect: "e",
  schema: "{}",
  tags: "t1,t2",
  encryptedDataKey: "",
};
const FROZEN = "Check constraint 'publishing is frozen until 2026-12-01 17:00 UTC: upgrade' is violated.";
const SQL = `PreparedStatementCallback; uncategorized SQLException for SQL [INSERT INTO his_config_info(id) VALUES(?)]; SQL state [HY000]; error code [3819]; ${FROZEN}`;

/** The servers of a series, with the answers that they give. */
function nacos(version: 2 | 3, reply: Partial<Answer> = {}) {
  const asked: { call: string; form: Record<string, string>; headers?: object }[] = [];
  const http = {
    host: "nacos",
    send: ({ method, path }: Call, body?: Body, headers?: Readonly<Record<string, string>>): Promise<Answer> => {
      if (path === "/nacos/v3/admin/core/state")
        return Promise.resolve({ status: version === 3 ? 200 : 404, text: "{}" });
      asked.push({ call: `${method} ${path}`, form: Object.fromEntries(new URLSearchParams(body)), headers });
      return Promise.resolve({
        status: 200,
        text: version === 3 ? '{"code":0,"message":"success","data":true}' : "true",
        ...reply,
      });
    },
  };
  return { asked, api: () => ConfigurationsApi.of(http) };
}

const rejection = (version: 2 | 3, reply: Partial<Answer>): Promise<Error> =>
  nacos(version, reply)
    .api()
    .then((api) => api.publish(CONFIGURATION, "m"))
    .then(
      () => assert.fail("it was published"),
      (error: Error) => error,
    );

describe("The API for configurations", () => {
  it("publishes to 3.x everything that was published then", async () => {
    const { asked, api } = nacos(3);
    await (await api()).publish({ ...CONFIGURATION, encryptedDataKey: "key" }, "m");
    assert.deepEqual(asked, [
      {
        call: "POST /nacos/v3/admin/cs/config",
        form: {
          namespaceId: "public",
          groupName: "G:1",
          dataId: "gone-1.x_y:z",
          content: "ä & b=1\r\nend",
          type: "yaml",
          appName: "app",
          desc: "what it is",
          use: "u",
          effect: "e",
          schema: "{}",
          configTags: "t1,t2",
          encryptedDataKey: "key",
          srcUser: "nacos-restore",
        },
        headers: { casMd5: "m" },
      },
    ]);
  });

  it("publishes to 2.x under its names, with an empty ID of the default namespace", async () => {
    const { asked, api } = nacos(2);
    const two = await api();
    await two.publish(CONFIGURATION, undefined);
    await two.publish({ ...CONFIGURATION, namespace: "orders" }, undefined);
    const [{ call, form, headers }, second] = asked;
    assert.deepEqual([call, headers], ["POST /nacos/v1/cs/configs", {}]);
    assert.deepEqual(
      [form.tenant, form.group, form.config_tags, form.src_user, form.namespaceId],
      ["", "G:1", "t1,t2", "nacos-restore", undefined],
    );
    assert.equal(second.form.tenant, "orders");
    assert.deepEqual([two.tenantOf("public"), (await nacos(3).api()).tenantOf("public")], ["", "public"]);
  });

  it("creates a namespace with its ID", async () => {
    const [two, three] = [nacos(2), nacos(3)];
    for (const { api } of [two, three])
      await (await api()).createNamespace({ id: "orders", name: "All orders", description: "" });
    assert.deepEqual(
      [two, three].map(({ asked: [{ call, form }] }) => [call, form.customNamespaceId, form.namespaceName]),
      [
        ["POST /nacos/v1/console/namespaces", "orders", "All orders"],
        ["POST /nacos/v3/admin/core/namespace", "orders", "All orders"],
      ],
    );
    assert.equal(three.asked[0].form.namespaceId, "orders");
    // 2.x says this of an ID that exists already, or that it does not accept.
    const { api } = nacos(2, { text: "false" });
    await assert.rejects((await api()).createNamespace({ id: "a b", name: "", description: "" }), /answers 200: false/);
  });

  it("tells a conflict from other refusals", async () => {
    const conflict =
      '{"code":20005,"message":"resource conflict","data":"Cas publish fail, server md5 may have changed."}';
    assert.ok((await rejection(3, { status: 500, text: conflict })) instanceof Conflict);
    assert.ok(
      (await rejection(2, { status: 500, text: "caused: Cas publish fail, server md5 may have changed.;" })) instanceof
        Conflict,
    );
    for (const reply of [
      { status: 500, text: "" },
      { status: 200, text: "" },
      { status: 200, text: "false" },
    ]) {
      const error = await rejection(2, reply);
      assert.ok(error instanceof NotPublished && !(error instanceof Conflict), error.message);
    }
    assert.equal(
      (await rejection(2, { status: 400, text: "caused: invalid dataId : a b;" })).message,
      "Nacos answers 400: caused: invalid dataId : a b;",
    );
    assert.equal((await rejection(3, { status: 403, text: "" })).message, "Nacos answers 403: nothing");
  });

  it("repeats what the database says, for example that publishing is frozen", async () => {
    const three = JSON.stringify({ code: 10002, message: "data access error", data: SQL });
    assert.equal((await rejection(3, { status: 500, text: three })).message, FROZEN);
    const two = `caused: ${SQL}; nested exception is java.sql.SQLException: ${FROZEN};caused: ${FROZEN};`;
    assert.equal((await rejection(2, { status: 500, text: two })).message, FROZEN);
  });

  it("reads the checksum of what servers give to clients", async () => {
    const two = nacos(2, { text: "two" });
    assert.equal(await (await two.api()).servedMd5(CONFIGURATION), "b8a9f715dbb64fd5c56e7783c6820a61");
    assert.equal(two.asked[0].call, "GET /nacos/v1/cs/configs?dataId=gone-1.x_y%3Az&group=G%3A1&tenant=");
    assert.equal(
      await (await nacos(2, { status: 404, text: "config data not exist" }).api()).servedMd5(CONFIGURATION),
      undefined,
    );
    const three = nacos(3, { text: '{"code":0,"data":{"content":"two","md5":"b8a9"}}' });
    assert.equal(await (await three.api()).servedMd5(CONFIGURATION), "b8a9");
    assert.equal(
      three.asked[0].call,
      "GET /nacos/v3/client/cs/config?dataId=gone-1.x_y%3Az&groupName=G%3A1&namespaceId=public",
    );
    const none = nacos(3, { text: '{"code":20004,"message":"resource not found","data":null}' });
    assert.equal(await (await none.api()).servedMd5(CONFIGURATION), undefined);
  });

  it("needs an answer of either series first", async () => {
    const send = () => Promise.resolve({ status: 503, text: "starting" });
    await assert.rejects(ConfigurationsApi.of({ host: "nacos", send }), /nacos answers GET .* with 503: starting/);
  });
});
