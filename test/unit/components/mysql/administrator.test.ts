import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { administrator } from "../../../../components/mysql/administrator";
import { record } from "../../../support/recorder";

describe("the provider that makes accounts", () => {
  it("signs in at the endpoint over TLS, with its password as a secret, and connects to nobody in a preview", async () => {
    const { resources } = await record(() => {
      const parent = new pulumi.ComponentResource("test:Servers", "servers");
      return administrator("server", { endpoint: "127.0.0.1:1", namespace: "nacos-x", account: { user: "platform_admin", password: pulumi.secret("ADMIN") }, ready: pulumi.output("yes") }, { parent });
    });
    const [server] = resources.filter((r) => r.type === "pulumi:providers:mysql");
    assert.deepEqual([server.inputs, server.secretInputs], [{ endpoint: "127.0.0.1:1", username: "platform_admin", password: "ADMIN", tls: "skip-verify" }, ["password"]]);
  });
});
