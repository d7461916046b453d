import assert from "node:assert/strict";
import * as net from "node:net";
import { KubeConfig } from "@kubernetes/client-node";
import { ApiError, type KubernetesApi } from "../../../../clients/kubernetes/api";
import { loginText, openConsole } from "../../../../ops/nacos/console";
import { refused } from "../../../support/refusal";

/** A stack with some ready servers, whose console has this port. */
function stackWith(ready: readonly string[], port = 8080) {
  const config = new KubeConfig();
  config.loadFromClusterAndUser({ name: "c", server: "https://127.0.0.1:1", skipTLSVerify: true }, { name: "u" });
  const get = (path: string): Promise<unknown> =>
    Promise.resolve(
      path.includes("/endpointslices")
        ? { items: [{ endpoints: ready.map((name) => ({ conditions: { ready: true }, targetRef: { name } })) }] }
        : { spec: { ports: [{ port }] } },
    );
  return { stack: "dev", namespace: "nacos-dev", config, api: { get } as unknown as KubernetesApi };
}

/** A port on which nothing listens. */
async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe("`ops nacos console`", () => {
  it("opens one port, and names the page of the series that runs", async () => {
    const port = await freePort();
    for (const [of, page] of [
      [8080, "/"],
      [8848, "/nacos/"],
    ] as const) {
      const { url, close } = await openConsole(stackWith(["nacos-0"], of), port);
      close();
      assert.equal(url, `http://127.0.0.1:${port}${page}`);
    }
  });

  it("says who logs in and where the password is, not the password", () => {
    assert.equal(
      loginText(stackWith([])),
      "User: nacos. The password is in Secret nacos-admin:\n  kubectl --context loaded-context --namespace nacos-dev get secret nacos-admin --output jsonpath='{.data.password}' | base64 --decode",
    );
  });

  it("refuses if no server is ready, or not the one that is asked for", async () => {
    await assert.rejects(openConsole(stackWith([]), 1), refused("NACOS_SERVER_NOT_READY", "nacos-dev"));
    await assert.rejects(
      openConsole(stackWith(["nacos-2", "nacos-0"]), 1, "nacos-1"),
      refused("NACOS_SERVER_NOT_READY", "nacos-1", "ready: nacos-0, nacos-2."),
    );
    const { close } = await openConsole(stackWith(["nacos-2", "nacos-1"]), await freePort(), "nacos-1");
    close();
  });

  it("refuses a port that is in use, and names it", async () => {
    const taken = net.createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const { port } = taken.address() as net.AddressInfo;
    try {
      await assert.rejects(
        openConsole(stackWith(["nacos-0"]), port),
        refused("NACOS_CONSOLE_NOT_OPENED", `port ${port} of 127.0.0.1 is in use`, "--port"),
      );
    } finally {
      taken.close();
    }
  });

  it("refuses a stack that is not deployed", async () => {
    const get = () => Promise.reject(new ApiError(404, "there is none"));
    await assert.rejects(
      openConsole({ ...stackWith([]), api: { get } as unknown as KubernetesApi }, 1),
      refused("STACK_NOT_DEPLOYED", "Service nacos-console", "deploy stack dev first."),
    );
  });
});
