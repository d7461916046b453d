import assert from "node:assert/strict";
import { checkToken, signIn } from "../../../ops/secrets/nacos-access";
import { readSecret } from "../../../sandbox/cluster/kubectl";
import { dev, live, Live, refusal } from "../support/environments";
import { mysqlQuery } from "../support/mysql";
import { NacosClient } from "../support/nacos-client";
import { ops } from "../support/ops";

describe("the rotation of Nacos' own secrets", () => {
  let environment: Live;
  let url: string;
  const password = () =>
    readSecret(environment.kubectl, environment.outputs.namespace, environment.outputs.secrets.nacosAdmin, "password");
  const rotate = (secret: string, ...words: string[]) =>
    ops(
      environment,
      "secrets",
      "rotate",
      "--secret",
      secret,
      ...words,
      "--",
      "--yes",
      "--non-interactive",
      "--suppress-progress",
    );

  before(async () => {
    environment = await live(dev);
    url = `http://127.0.0.1:${environment.ports.nacos}`;
  });

  it("gives the administrator a password that Nacos accepts, and the old one is refused, also after it was changed in Nacos", async () => {
    const before = await password();
    await mysqlQuery(environment, "UPDATE users SET password = ? WHERE username = 'nacos'", [
      `$2a$10$${"x".repeat(53)}`,
    ]);
    assert.match(await rotate("nacos-admin"), /Nacos' administrator has a new password/);
    assert.notEqual(await password(), before);
    await signIn(url, "nacos", await password());
    await assert.rejects(signIn(url, "nacos", before), /it answers the login with \d+/);
  });

  it("asks for consent before it restarts the servers, and changes nothing without", async () => {
    assert.match(await refusal(rotate("nacos-token")), /^refused: all of Nacos' servers restart at once/m);
  });

  it("gives the server a token key that makes every earlier token invalid, and an identity @drill", async () => {
    const login = await signIn(url, "nacos", await password());
    await checkToken(url, login);
    assert.match(await rotate("nacos-token", "--window"), /no token of the old one is valid/);
    await assert.rejects(checkToken(url, login), { message: "it answers a token with 403" });
    await checkToken(url, await signIn(url, "nacos", await password()));
    assert.match(await rotate("nacos-identity", "--window"), /has the new identity, and sees all others/);
    assert.deepEqual(await (await NacosClient.signedIn(environment)).publish("rotated", "yes"), {
      status: 200,
      body: "true",
    });
  });
});
