import assert from "node:assert/strict";
import { type PlatformConfig, rules } from "../../schema";

type MySql = Pick<PlatformConfig["mysql"], "replicas" | "semiSync" | "failover">;

/** What the rule says of the key, given these values of MySQL's. */
function judged(path: string, mysql: MySql) {
  const found = rules.filter((rule) => rule.path === path);
  assert.equal(found.length, 1);
  return found[0].judge({ mysql: { mode: "cluster", ...mysql } } as PlatformConfig);
}

describe("the rule of automatic failover", () => {
  const judge = (mysql: Omit<MySql, "failover">) => judged("mysql.failover", { ...mysql, failover: "automatic" });

  it("allows it where two replicas must acknowledge, and says nothing of manual failover", () => {
    for (const replicas of [2, 3, 4]) assert.equal(judge({ replicas, semiSync: "required" }), undefined);
    for (const replicas of [0, 1, 2]) assert.equal(judged("mysql.failover", { replicas, semiSync: "preferred", failover: "manual" }), undefined);
  });

  it("refuses it with one replica, and with commits that do not wait, and names both", () => {
    const finding = (replicas: number, semiSync: string) => ({
      value: "automatic",
      allowed: `automatic only with at least 2 replicas (there are ${replicas}) and semiSync required (it is ${semiSync}): otherwise it could lose what clients were told of`,
      use: "manual",
    });
    assert.deepEqual(judge({ replicas: 1, semiSync: "required" }), finding(1, "required"));
    assert.deepEqual(judge({ replicas: 2, semiSync: "preferred" }), finding(2, "preferred"));
    assert.deepEqual(judge({ replicas: 0, semiSync: "preferred" }), finding(0, "preferred"));
  });
});

describe("the rule of required acknowledgements", () => {
  const judge = (replicas: number, semiSync: MySql["semiSync"]) => judged("mysql.semiSync", { replicas, semiSync, failover: "manual" });

  it("refuses them where no replica could acknowledge", () => {
    assert.deepEqual(judge(0, "required"), { value: "required", allowed: "required only with a replica that could acknowledge; mysql.replicas is 0", use: "preferred" });
  });

  it("allows them with one replica, and none where they are preferred", () => {
    assert.equal(judge(1, "required"), undefined);
    assert.equal(judge(0, "preferred"), undefined);
  });
});
