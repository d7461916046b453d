import assert from "node:assert/strict";
import { type PlatformConfig, rules } from "../../schema";

type MySql = Pick<Extract<PlatformConfig["mysql"], { mode: "cluster" }>, "servers" | "semiSync" | "failover">;

/** The finding of the rule, for these values of `mysql`. */
function judged(path: string, mysql: MySql) {
  const found = rules.filter((rule) => rule.path === path);
  assert.equal(found.length, 1);
  return found[0].judge({ mysql: { mode: "cluster", ...mysql } } as PlatformConfig);
}

describe("the rule of automatic failover", () => {
  const judge = (mysql: Omit<MySql, "failover">) => judged("mysql.failover", { ...mysql, failover: "automatic" });

  it("allows it if two replicas may acknowledge, and says nothing of manual failover", () => {
    for (const servers of [3, 4, 5]) assert.equal(judge({ servers, semiSync: "required" }), undefined);
    for (const servers of [1, 2, 3])
      assert.equal(judged("mysql.failover", { servers, semiSync: "preferred", failover: "manual" }), undefined);
  });

  it("refuses it with one replica, or with commits that do not wait, and names both values", () => {
    const finding = (servers: number, semiSync: string) => ({
      value: "automatic",
      allowed: `automatic only with at least 3 servers (there are ${servers}) and semiSync required (it is ${semiSync}): otherwise it could lose acknowledged transactions`,
      use: "manual",
    });
    assert.deepEqual(judge({ servers: 2, semiSync: "required" }), finding(2, "required"));
    assert.deepEqual(judge({ servers: 3, semiSync: "preferred" }), finding(3, "preferred"));
    assert.deepEqual(judge({ servers: 1, semiSync: "preferred" }), finding(1, "preferred"));
  });
});

describe("the rule of required acknowledgements", () => {
  const judge = (servers: number, semiSync: MySql["semiSync"]) =>
    judged("mysql.semiSync", { servers, semiSync, failover: "manual" });

  it("refuses them if no replica can acknowledge", () => {
    assert.deepEqual(judge(1, "required"), {
      value: "required",
      allowed: "required only if there is a replica that can acknowledge; mysql.servers is 1",
      use: "preferred",
    });
  });

  it("allows them with one replica, and no replica if they are preferred", () => {
    assert.equal(judge(2, "required"), undefined);
    assert.equal(judge(1, "preferred"), undefined);
  });
});
