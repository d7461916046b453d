import assert from "node:assert/strict";
import { configApi } from "../../../contract/nacos-api";
import { network } from "../../../sandbox/cluster/cluster";
import { waitFor } from "../../../sandbox/exec";
import { upChanged } from "../support/changed";
import { openConsole, type OpenConsole } from "../support/console";
import { dev, live, make, refusal, type Live } from "../support/environments";
import { administrator, type Answer } from "../support/nacos-client";
import { ops } from "../support/ops";
import { Outside } from "../support/outside";

const NODE = network.node(1);
/** An address next to the cluster's nodes that the configuration does not name. */
const STRANGER = "10.200.0.200";
const HOST = "nacos.example.com";
const CONSOLE_PORT = 28_999;

describe("Nacos reached from outside @drill", () => {
  let environment: Live;
  let outside: Outside;
  let identities: string;

  const namespaced = (...args: string[]) =>
    environment.kubectl(["--namespace", environment.outputs.namespace, ...args]);
  const podsOfNacos = () =>
    namespaced("get", "pods", "--selector=app.kubernetes.io/name=nacos", "-o", "jsonpath={.items[*].metadata.uid}");
  const outputs = () => environment.outputs.nacos;

  before(async () => {
    outside = new Outside(dev);
    environment = await live(dev);
    identities = await podsOfNacos();
    await upChanged(environment, (config) => {
      config["nacos-platform:nacos"].exposure = {
        clients: { mode: "nodePort", sourceRanges: [`${network.controlPlane}/32`] },
        console: { mode: "ingress", host: HOST, className: "none", controllerNamespace: "kube-system" },
      };
    });
    environment = await live(dev);
  });

  after(async () => {
    await make("up", dev);
  });

  async function request(
    method: string,
    path: string,
    form?: Record<string, string>,
    localAddress?: string,
  ): Promise<Answer> {
    const [http] = outputs().exposedClients?.ports ?? [];
    const headers = await administrator(environment);
    return outside.call({ url: `http://${NODE}:${http}${path}`, method, headers, form, localAddress });
  }

  const read = (localAddress?: string): Promise<Answer> => {
    const api = configApi(outputs().version);
    return request("GET", `${api.read}?dataId=outside&${api.group}=DEFAULT_GROUP`, undefined, localAddress);
  };

  it("is an output, and restarts no server", async () => {
    assert.deepEqual(outputs().exposedClients, { service: "nacos-external", ports: [30_848, 31_848] });
    assert.equal(outputs().consoleUrl, `https://${HOST}/`);
    assert.equal(await podsOfNacos(), identities);
  });

  it("publishes and reads a configuration at the port of a node", async () => {
    const api = configApi(outputs().version);
    // Policies follow within seconds.
    await waitFor("the port to answer", 60, () =>
      read().then(
        () => true,
        () => false,
      ),
    );
    const form = { dataId: "outside", [api.group]: "DEFAULT_GROUP", content: "from outside" };
    assert.equal((await request("POST", api.publish, form)).status, 200);
    await waitFor("the configuration", 60, async () => (await read()).body.includes("from outside"));
  });

  it("greets clients of gRPC 1000 ports above", async () => {
    const [, grpc] = outputs().exposedClients?.ports ?? [];
    assert.deepEqual(await outside.call({ url: `http://${NODE}:${grpc}`, method: "HTTP2", headers: {} }), {
      status: 200,
      body: "",
    });
  });

  it("does not answer a stranger, on either port", () =>
    outside.withAddress(STRANGER, async () => {
      assert.match(await refusal(read(STRANGER).then(String)), /no answer from/);
      const [, grpc] = outputs().exposedClients?.ports ?? [];
      const greeting = { url: `http://${NODE}:${grpc}`, method: "HTTP2", headers: {}, localAddress: STRANGER };
      assert.match(await refusal(outside.call(greeting).then(String)), /no answer from/);
      assert.equal((await read()).status, 200); // so it was the address
    }));

  // No ingress controller runs in the embedded cluster, so only what Kubernetes has accepted is checked.
  it("has an Ingress with TLS, which routes nothing that needs no login", async () => {
    const { spec } = JSON.parse(await namespaced("get", "ingress", "nacos-console", "-o", "json")) as {
      spec: {
        tls: { hosts: string[]; secretName: string }[];
        rules: {
          host: string;
          http: { paths: { path: string; backend: { service: { name: string; port: { name: string } } } }[] };
        }[];
      };
    };
    assert.deepEqual(spec.tls, [{ hosts: [HOST], secretName: "nacos-console-tls" }]);
    const [{ host, http }] = spec.rules;
    assert.equal(host, HOST);
    assert.deepEqual(
      [...new Set(http.paths.map(({ backend: { service } }) => `${service.name} ${service.port.name}`))],
      ["nacos-console console"],
    );
    const paths = http.paths.map(({ path }) => path);
    assert.ok(paths.includes("/v3/console"));
    for (const open of ["/actuator", "/v3/auth", "/v3/auth/user/admin", "/v3"]) assert.ok(!paths.includes(open), open);
  });

  it("has nothing left to be done", async () => {
    const changed = await upChanged(environment, (config) => {
      config["nacos-platform:nacos"].exposure = {
        clients: { mode: "nodePort", sourceRanges: [`${network.controlPlane}/32`] },
        console: { mode: "ingress", host: HOST, className: "none", controllerNamespace: "kube-system" },
      };
    });
    assert.match(changed, /unchanged/);
    assert.doesNotMatch(changed, /[0-9]+ (created|updated|replaced|deleted)/);
  });

  describe("by `ops nacos console`", () => {
    let open: OpenConsole;
    before(async () => {
      open = await openConsole(environment, CONSOLE_PORT);
    });
    after(() => open.interrupt());

    const fetched = (path: string, init?: RequestInit) =>
      fetch(`http://127.0.0.1:${CONSOLE_PORT}${path}`, { ...init, signal: AbortSignal.timeout(10_000) });

    const loggedIn = async (): Promise<string> => {
      const { username, password } = await administrator(environment);
      const answer = await fetched("/v3/auth/user/login", {
        method: "POST",
        body: new URLSearchParams({ username, password }),
      });
      assert.equal(answer.status, 200);
      return ((await answer.json()) as { accessToken: string }).accessToken;
    };

    it("names the address, the user and the Secret, and not the password", async () => {
      const { username, password } = await administrator(environment);
      assert.match(open.said(), new RegExp(`^http://127\\.0\\.0\\.1:${CONSOLE_PORT}/ is the console of Nacos`, "m"));
      assert.ok(open.said().includes(`User: ${username}.`));
      assert.ok(open.said().includes(environment.outputs.secrets.nacosAdmin));
      assert.ok(!open.said().includes(password));
    });

    it("shows the page and its script, and a configuration after a login", async () => {
      const page = await fetched("/");
      assert.equal(page.status, 200);
      const [script] = /[^"]*js\/main\.js[^"]*/.exec(await page.text()) ?? [];
      assert.ok(script);
      assert.equal((await fetched(new URL(script, "http://console/").pathname)).status, 200);
      const config = "/v3/console/cs/config?dataId=outside&groupName=DEFAULT_GROUP&namespaceId=public";
      assert.equal((await fetched(config)).status, 403);
      const answer = await fetched(config, { headers: { accessToken: await loggedIn() } });
      assert.equal(answer.status, 200);
      assert.match(await answer.text(), /from outside/);
    });

    it("refuses a port that is in use, and a server that does not exist", async () => {
      const console = (...words: string[]) => refusal(ops(environment, "nacos", "console", ...words));
      assert.match(await console("--port", String(CONSOLE_PORT)), /is in use; .*\[NACOS_CONSOLE_NOT_OPENED:/);
      assert.match(await console("--server", "nacos-9"), /nacos-9 is no Nacos server .*\[NACOS_SERVER_NOT_READY:/);
    });

    it("comes back by itself after its server was killed", async () => {
      await namespaced("delete", "pod", "nacos-0", "--grace-period=0", "--force");
      await waitFor(
        "the console to be gone",
        60,
        () =>
          loggedIn().then(
            (answers) => !answers,
            () => true,
          ),
        200,
      );
      await waitFor("the console to answer again", 300, () => loggedIn().then(Boolean, () => false), 1000);
    });

    it("ends with Ctrl-C", async () => {
      assert.equal(await open.interrupt(), 0);
    });
  });

  it("is closed again by the next update without it", async () => {
    const [http] = outputs().exposedClients?.ports ?? [];
    await make("up", dev);
    environment = await live(dev);
    assert.deepEqual([outputs().exposedClients, outputs().consoleUrl], [undefined, undefined]);
    const headers = {};
    const closed = outside.call({ url: `http://${NODE}:${http}/nacos/`, method: "GET", headers }).then(String);
    assert.match(await refusal(closed), /ECONNREFUSED|no answer from/);
    const left = await namespaced("get", "service,ingress", "-o", "name");
    assert.doesNotMatch(left, /nacos-external|ingress/);
  });
});
