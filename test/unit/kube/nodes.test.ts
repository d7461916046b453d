import assert from "node:assert/strict";
import { countNodes } from "../../../kube/nodes";

describe("the nodes of a cluster", () => {
  const counted = (...items: object[]) => countNodes({ get: <T>() => Promise.resolve({ items } as T) });
  const tainted = (effect: string) => ({ spec: { taints: [{ key: "dedicated", effect }] } });

  it("accept pods unless they are cordoned or tainted", async () => {
    assert.deepEqual(
      await counted({}, { spec: {} }, tainted("PreferNoSchedule"), tainted("NoSchedule"), tainted("NoExecute"), {
        spec: { unschedulable: true },
      }),
      { all: 6, open: 3 },
    );
  });

  it("are unknown if the API server is unreachable or refuses", async () =>
    assert.equal(
      await countNodes({ get: () => Promise.reject(new Error("connect ECONNREFUSED")) }),
      "connect ECONNREFUSED",
    ));
});
