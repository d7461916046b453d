import assert from "node:assert/strict";
import { GtidSet } from "../../../mysql-tools/gtid-set";

const A = "aaaaaaaa-0000-0000-0000-000000000001";
const B = "bbbbbbbb-0000-0000-0000-000000000002";
const set = (text: string): GtidSet => GtidSet.parse(text.replaceAll("A", A).replaceAll("B", B));

describe("A set of transaction ids", () => {
  it("reads what MySQL prints, over lines and in any order, and prints it on one line", () => {
    assert.equal(set("B:3:1,\nA:5-6:1-4").toString(), set("A:1-6,B:1:3").toString());
    assert.equal(set("A:1-6").toString(), `${A}:1-6`);
    assert.equal(GtidSet.parse("").isEmpty, true);
  });

  it("refuses what is none", () => {
    for (const text of ["A", "A:", "A:0", "A:5-4", "x:1", "A:tag:1"]) assert.throws(() => set(text), /is no set of transaction ids/);
  });

  it("subtracts, in the middle and at the ends", () => {
    const left = (a: string, b: string): string => set(a).minus(set(b)).toString();
    assert.equal(left("A:1-10", "A:4-6"), `${A}:1-3:7-10`);
    assert.equal(left("A:1-10", "A:1-2:9-20"), `${A}:3-8`);
    assert.equal(left("A:1-3:5-8:10-12", "A:2-11"), `${A}:1:12`);
    assert.equal(left("A:1-10", "B:1-10"), `${A}:1-10`);
    assert.equal(left("A:1-10,B:1", "A:1-10"), `${B}:1`);
    assert.equal(left("A:1-10", "A:1-10"), "");
  });

  it("unites, intersects, counts and compares", () => {
    assert.equal(set("A:1-3").union(set("A:4-5,B:1")).toString(), `${A}:1-5,${B}:1`);
    assert.equal(set("A:1-10,B:2").intersect(set("A:8-12")).toString(), `${A}:8-10`);
    assert.equal(set("A:1-10:12,B:2").count, 12);
    assert.ok(set("A:1-10").contains(set("A:3-4")));
    assert.ok(!set("A:1-10").contains(set("A:10-11")));
    assert.ok(set("A:1-2:3").equals(set("A:1-3")));
    assert.ok(set("A:1-2").has({ source: A, number: 2 }) && !set("A:1-2").has({ source: B, number: 2 }));
  });
});
