import assert from "node:assert/strict";
import {
  groupsWith,
  groupsOf,
  groupsUnheardOf,
  ledBy,
  memberProblems,
  problems,
  raftProblems,
  type Member,
} from "../../../../runtime/nacos-members/health";

describe("Health of a cluster", () => {
  const hosts = ["nacos-0.n", "nacos-1.n", "nacos-2.n"];
  const peers = hosts.map((host) => `${host}:7848`);
  const group = (leader: string | undefined, raftGroupMember: string[] = peers) => ({ leader, raftGroupMember });
  const member = (host: string, groups: Record<string, ReturnType<typeof group>>, state = "UP"): Member => ({
    address: `${host}:8848`,
    state,
    extendInfo: { raftMetaData: { metaDataMap: groups } },
  });
  const whole = hosts.map((host) => member(host, { naming: group(peers[1]) }));

  it("is good if all members are up, and each group has all peers and one leader", () => {
    assert.deepEqual(problems(whole, hosts, "3.1.0"), []);
  });

  it("names members that are missing, unknown or not up", () => {
    assert.deepEqual(problems(whole.slice(1), hosts, "3.1.0"), ["the members are nacos-1.n:8848, nacos-2.n:8848"]);
    const down = [...whole.slice(0, 2), member(hosts[2], { naming: group(peers[1]) }, "DOWN")];
    assert.deepEqual(problems(down, hosts, "3.1.0"), ["nacos-2.n:8848 is DOWN"]);
  });

  it("is that of the members alone, if it is asked for so", () => {
    const split = [...whole.slice(0, 2), member(hosts[2], { naming: group(peers[2]) }, "SUSPICIOUS")];
    assert.deepEqual(memberProblems(split, hosts), ["nacos-2.n:8848 is SUSPICIOUS"]);
    assert.deepEqual(groupsOf(split[2], "3.1.0"), [["naming", { leader: peers[2], peers }]]);
  });

  it("names groups with other peers, and members whose groups are not known", () => {
    const ghost = [...whole.slice(0, 2), member(hosts[2], { naming: group(peers[1], [...peers, "nacos-3.n:7848"]) })];
    assert.deepEqual(raftProblems(ghost, hosts, "3.1.0"), [
      "naming has the peers nacos-0.n:7848, nacos-1.n:7848, nacos-2.n:7848, nacos-3.n:7848, says nacos-2.n:8848",
    ]);
    assert.deepEqual(raftProblems([...whole.slice(0, 2), { address: "nacos-2.n:8848", state: "UP" }], hosts, "3.1.0"), [
      "no Raft group of nacos-2.n:8848 is known",
    ]);
  });

  it("takes each member by its own series during an upgrade", () => {
    const of = (host: string, version: string, groups: Record<string, ReturnType<typeof group>>): Member => ({
      ...member(host, {}),
      extendInfo: { version, raftMetaData: { metaDataMap: { naming: group(peers[1]), ...groups } } },
    });
    const old = (host: string) => of(host, "2.2.4", { naming_persistent_service: group(undefined, []) });
    const lock = { lock_acquire_service_v2: group(undefined) };
    const first = [old(hosts[0]), old(hosts[1]), of(hosts[2], "3.1.0", lock)];
    assert.deepEqual(raftProblems(first, hosts, "3.1.0"), []);
    const second = [old(hosts[0]), of(hosts[1], "3.1.0", lock), of(hosts[2], "3.1.0", lock)];
    assert.deepEqual(raftProblems(second, hosts, "3.1.0"), ["lock_acquire_service_v2 is led by nobody"]);
  });

  it("names groups with no leader or with two", () => {
    const split = [...whole.slice(0, 2), member(hosts[2], { naming: group(peers[2]) })];
    assert.deepEqual(raftProblems(split, hosts, "3.1.0"), ["naming is led by nacos-1.n:7848 and nacos-2.n:7848"]);
    const none = hosts.map((host) => member(host, { naming: group(undefined) }));
    assert.deepEqual(raftProblems(none, hosts, "3.1.0"), ["naming is led by nobody"]);
    // 3.1 sometimes misses an election, even as the leader.
    const silent = [member(hosts[0], { naming: group(undefined) }), ...whole.slice(1)];
    assert.deepEqual(raftProblems(silent, hosts, "3.1.0"), []);
  });

  it("does not count a group that 2.x lists and never starts", () => {
    const old = hosts.map((host) =>
      member(host, { naming: group(peers[0]), naming_persistent_service: group(undefined, []) }),
    );
    assert.deepEqual(problems(old, hosts, "2.2.4"), []);
    assert.notDeepEqual(problems(old, hosts, "3.1.0"), []);
  });

  it("says of which groups a server has heard nothing since it started: neither who leads nor the peers", () => {
    const of = (own: Parameters<typeof member>[1], others = whole.slice(1)) =>
      groupsUnheardOf(member(hosts[0], own), others, "3.1.0");
    assert.deepEqual(of({ naming: group(peers[0]) }), []);
    assert.deepEqual(of({ naming: group("") }), []);
    assert.deepEqual(of({ naming: group("", []) }), ["naming"]);
    assert.deepEqual(of({}), ["naming"]);
    assert.deepEqual(of({}, []), []);
    const three = member(hosts[1], { naming: group(peers[1]), lock_acquire_service_v2: group(peers[1]) });
    assert.deepEqual(of({ naming: group(peers[1]) }, [three]), ["lock_acquire_service_v2"]);
    const two = member(hosts[0], { naming: group(peers[1]) });
    assert.deepEqual(groupsUnheardOf(two, [three], "2.2.4"), []);
  });

  it("says which groups a host leads, and which have it as a peer", () => {
    const seen = hosts.map((host) => member(host, { a: group(peers[0]), b: group(peers[1], peers.slice(0, 2)) }));
    assert.deepEqual(ledBy(hosts[1], seen, "3.1.0"), ["b"]);
    assert.deepEqual(groupsWith(hosts[2], seen, "3.1.0"), ["a"]);
  });
});
