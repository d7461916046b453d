import * as assert from "node:assert/strict";
import * as http from "node:http";
import * as net from "node:net";
import { KubeConfig } from "@kubernetes/client-node";
import { choosePod, openForward, readyPods } from "../../../../clients/kubernetes/forward";

/** What a forward says of two connections that it cannot make, through an API server that answers every upgrade with this status. */
async function saidWhere(status: string): Promise<string> {
  const api = http
    .createServer()
    .on("upgrade", (_request, socket) => socket.end(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\n\r\n`));
  await new Promise<void>((resolve) => api.listen(0, "127.0.0.1", resolve));
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    { name: "c", server: `http://127.0.0.1:${(api.address() as net.AddressInfo).port}`, skipTLSVerify: true },
    { name: "u" },
  );
  const forward = await openForward(config, { listen: 0, namespace: "n", to: { pod: "mysql-0" }, port: 3306 });
  const [tell, said] = [console.error, [] as string[]];
  console.error = (line: string) => said.push(line);
  try {
    for (let attempt = 0; attempt < 2; attempt++) {
      const client = net.connect((forward.address() as net.AddressInfo).port, "127.0.0.1");
      await new Promise((resolve) => client.on("error", () => undefined).on("close", resolve));
    }
    return said.join("\n");
  } finally {
    console.error = tell;
    forward.close();
    api.close();
  }
}

describe("a forward that reaches no pod", () => {
  it("names it and the reason, once", async () => {
    const said = await saidWhere("404 Not Found");
    assert.match(said, /^pod mysql-0, port 3306: .*404[^\n]*$/);
  });
});

describe("a forward to a Service", () => {
  it("knows its ready pods, of all slices", async () => {
    const slice = (...pods: readonly [name: string, ready: boolean][]) => ({
      endpoints: pods.map(([name, ready]) => ({ conditions: { ready }, targetRef: { name } })),
    });
    const api = {
      get: <T>(path: string) => {
        assert.equal(
          path,
          "/apis/discovery.k8s.io/v1/namespaces/n/endpointslices?labelSelector=kubernetes.io/service-name=s",
        );
        return Promise.resolve({ items: [slice(["a", true], ["b", false]), {}, slice(["c", true])] } as T);
      },
    };
    assert.deepEqual(await readyPods(api, "n", "s"), ["a", "c"]);
  });

  it("stays with a pod while that is ready", () => {
    const pods = ["a", "b", "c"];
    for (let attempt = 0; attempt < 20; attempt++) assert.equal(choosePod(pods, "b"), "b");
    assert.ok(pods.includes(choosePod(pods, "gone")));
    assert.equal(choosePod(["c"], "b"), "c");
  });
});
