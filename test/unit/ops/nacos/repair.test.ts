import assert from "node:assert/strict";
import { Failure } from "../../../../contract/refusal";
import { plan, removable, removeGhost } from "../../../../ops/nacos/repair";
import { failed, refused } from "../../../support/refusal";
import { FakeNacos, GROUPS, SUFFIX } from "./fake-nacos";

/** Three members and a ghost, nacos-4. */
function haunted(): FakeNacos {
  const nacos = new FakeNacos(3);
  nacos.peers = [0, 1, 2, 4];
  return nacos;
}

/** Runs a repair without waiting. @param during what happens at each pause, by its number */
async function repaired(nacos: FakeNacos, name: string, during: (pauses: number) => void = () => undefined) {
  const lines: string[] = [];
  let pauses = 0;
  const world = nacos.nacos();
  await removeGhost(name, {
    look: () => nacos.look(),
    removePeer: (at, group, host) => world.removePeer(at, group, host),
    pause: () => {
      during(++pauses);
      return Promise.resolve();
    },
    say: (line) => lines.push(line),
  });
  return lines;
}

describe("A repair of Nacos' Raft groups", () => {
  describe("without a peer", () => {
    it("names the ghosts and what it would run", async () => {
      assert.deepEqual(plan(await haunted().look()), [
        "nacos-4 is a ghost peer of naming_instance_metadata, naming_service_metadata.",
        "  To remove it: npm run ops -- nacos repair --stack prod --peer nacos-4",
        "Nothing was changed.",
      ]);
    });

    it("says so if there is none, and whose groups it does not know", async () => {
      const nacos = new FakeNacos(3);
      nacos.at(1).silence = new Error("no");
      assert.deepEqual(plan(await nacos.look()), [
        "No Raft group has a ghost peer: there is nothing to repair.",
        "nacos-1 does not answer: what it knows of the groups is not in this list.",
      ]);
    });
  });

  describe("refuses", () => {
    for (const [what, code, message, name, prepare] of [
      ["a member", "NACOS_PEER_IS_MEMBER", "nacos-1 is one of the 3 members", "nacos-1", () => undefined],
      [
        "a member without a pod",
        "NACOS_PEER_IS_MEMBER",
        "nacos-1 is one of the 3 members",
        "nacos-1",
        (nacos: FakeNacos) => nacos.servers.delete(1),
      ],
      ["a pod", "NACOS_PEER_HAS_POD", "nacos-4 has a pod", "nacos-4", (nacos: FakeNacos) => nacos.begin(4)],
      [
        "a server that is wanted",
        "NACOS_PEER_HAS_POD",
        "nacos-4 is wanted: StatefulSet nacos has 5 replicas",
        "nacos-4",
        (nacos: FakeNacos) => (nacos.wanted = 5),
      ],
      [
        "while a member does not answer",
        "NACOS_MEMBER_SILENT",
        "nacos-2 does not answer: no. Every member has to answer",
        "nacos-4",
        (nacos: FakeNacos) => (nacos.at(2).silence = new Error("no")),
      ],
      [
        "while a member does not run",
        "NACOS_MEMBER_SILENT",
        "nacos-2 does not run. Every member has to answer",
        "nacos-4",
        (nacos: FakeNacos) => nacos.servers.delete(2),
      ],
      [
        "what is no peer",
        "NACOS_PEER_UNKNOWN",
        "no Raft group has the peer nacos-9; the ghost peers are nacos-4.",
        "nacos-9",
        () => undefined,
      ],
      [
        "what is no peer if there is no ghost",
        "NACOS_PEER_UNKNOWN",
        "no Raft group has the peer nacos-4; none has a ghost peer.",
        "nacos-4",
        (nacos: FakeNacos) => (nacos.peers = [0, 1, 2]),
      ],
      [
        "while ghosts are half of the peers",
        "NACOS_GROUP_STUCK",
        "only 3 of 6 peers of naming_instance_metadata answer",
        "nacos-4",
        (nacos: FakeNacos) => (nacos.peers = [0, 1, 2, 4, 5, 6]),
      ],
    ] as const) {
      it(`${what}, and asks no server to remove anything`, async () => {
        const nacos = haunted();
        prepare(nacos);
        await assert.rejects(repaired(nacos, name), (error: unknown) => {
          assert.ok(!(error instanceof Failure));
          assert.match((error as Error).message, /Nothing was changed\.$/);
          return refused(code, message)(error);
        });
        assert.deepEqual(nacos.calls, []);
      });
    }
  });

  it("gives the host of a peer that is no pod's name", async () => {
    const nacos = haunted();
    nacos.peers = [0, 1, 2, "10.0.0.9"];
    assert.equal(removable("10.0.0.9", await nacos.look()), "10.0.0.9");
  });

  it("removes a ghost by name from each group that has it, and from no other", async () => {
    const nacos = haunted();
    nacos.at(2).peers = [0, 1, 2];
    assert.deepEqual(await repaired(nacos, "nacos-4"), [
      "removing nacos-4 from naming_instance_metadata, naming_service_metadata",
      "nacos-4 is a peer of no Raft group now, says every member.",
    ]);
    assert.deepEqual(
      nacos.calls,
      GROUPS.map((group) => `nacos-0: ${group} without nacos-4.${SUFFIX}`),
    );
  });

  it("asks another member if the first one does not do it, and waits for what every member says", async () => {
    const nacos = haunted();
    nacos.removes = false;
    const lines = await repaired(nacos, "nacos-4", (pauses) => {
      nacos.removes = pauses === 2;
      nacos.at(1).peers = pauses < 4 ? [0, 1, 2, 4] : undefined;
      nacos.at(2).silence = pauses < 5 ? new Error("no") : undefined;
    });
    assert.equal(lines.at(-1), "nacos-4 is a peer of no Raft group now, says every member.");
    assert.deepEqual([...new Set(nacos.calls.map((call) => call.split(":")[0]))], ["nacos-0", "nacos-1"]);
  });

  it("fails after 60 s, with the groups that still have it and the members that do not answer", async () => {
    const nacos = haunted();
    nacos.removes = false;
    let pauses = 0;
    await assert.rejects(
      repaired(nacos, "nacos-4", (number) => {
        pauses = number;
        nacos.at(2).silence = new Error("no");
      }),
      failed(
        "NACOS_PEER_NOT_REMOVED",
        "nacos-4 was not removed from every Raft group within 60 s: it is still a peer of naming_instance_metadata, naming_service_metadata, and nacos-2 does not answer.",
      ),
    );
    assert.equal(pauses, 30);
  });

  for (const [what, change] of [
    ["is wanted", (nacos: FakeNacos) => (nacos.wanted = 5)],
    ["is a member", (nacos: FakeNacos) => (nacos.members = 5)],
    ["has a pod", (nacos: FakeNacos) => nacos.begin(4)],
  ] as const) {
    it(`stops at once if the peer ${what} meanwhile`, async () => {
      const nacos = haunted();
      nacos.removes = false;
      await assert.rejects(
        repaired(nacos, "nacos-4", () => change(nacos)),
        failed("NACOS_PEER_RETURNED", "nacos-4 is wanted again"),
      );
      assert.equal(nacos.calls.length, GROUPS.length);
    });
  }
});
