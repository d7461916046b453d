import assert from "node:assert/strict";
import * as net from "node:net";
import type { AddressInfo } from "node:net";
import { KubernetesApi } from "../../../../clients/kubernetes/api";

describe("the API server", () => {
  let server: net.Server | undefined;
  afterEach(() => server?.close());

  /** An API server at a port, as one who checks no certificate sees it. */
  async function at(listening: net.Server): Promise<KubernetesApi> {
    server = listening;
    await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
    return new KubernetesApi(`https://127.0.0.1:${(listening.address() as AddressInfo).port}`, () =>
      Promise.resolve({}),
    );
  }

  it("that does not listen is named", async () => {
    const api = await at(net.createServer());
    const { port } = server!.address() as AddressInfo;
    await new Promise((resolve) => server?.close(resolve));
    await assert.rejects(api.get("/version"), {
      message: `the API server https://127.0.0.1:${port}: connect ECONNREFUSED 127.0.0.1:${port}`,
    });
  });

  it("that hangs up is named", async () => {
    const api = await at(net.createServer((socket) => socket.destroy()));
    await assert.rejects(api.create("/x", {}), /^Error: the API server https:\/\/127\.0\.0\.1:\d+: /);
  });
});
