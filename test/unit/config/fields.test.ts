import assert from "node:assert/strict";
import { cidrs, Mismatch, names } from "../../../config/fields";

describe("a list of address ranges", () => {
  const field = cidrs({ description: "Where.", default: { dev: ["10.0.0.0/8"], test: [], prod: [] } });

  it("takes IPv4 ranges from all addresses to one, as they are written", () => {
    for (const ranges of [["0.0.0.0/0"], ["255.255.255.255/32"], ["10.96.0.1/32", "192.168.199.250/29"], ["1.20.99.100/19"]]) assert.deepEqual(field.parse(ranges), ranges);
  });

  it("refuses what is no range, one by one and among good ones", () => {
    for (const wrong of ["10.0.0.0", "10.0.0/8", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "256.0.0.0/8", "10.0.0.300/8", "10.0.0.0.0/8", "::/0", "api.example/32", " 10.0.0.0/8", "10.0.0.0/8\n", "", 10, null, ["10.0.0.0/8"]]) {
      assert.ok(field.parse([wrong]) instanceof Mismatch, JSON.stringify(wrong));
      assert.ok(field.parse(["10.0.0.0/8", wrong]) instanceof Mismatch, JSON.stringify(wrong));
    }
  });

  it("is a list, and never an empty one, which would allow every address", () => {
    for (const wrong of [[], "10.0.0.0/8", { 0: "10.0.0.0/8" }, null, undefined]) assert.ok(field.parse(wrong) instanceof Mismatch, JSON.stringify(wrong));
  });

  it("says what it takes, with dev's default as the example", () => {
    assert.deepEqual([field.allowed, field.example], ["a list of one or more IPv4 ranges", '["10.0.0.0/8"]']);
  });
});

describe("a list of names", () => {
  const field = names({ description: "Who.", allowed: "letters", example: '["a"]', pattern: /^[a-z]+$/, not: ["root"] });

  it("takes different names of the pattern, and none at all", () => {
    for (const list of [[], ["a"], ["b", "a"]]) assert.deepEqual(field.parse(list), list);
  });

  it("refuses a name twice, one that is taken, one that is none, and what is no list", () => {
    for (const wrong of [["a", "a"], ["a", "root"], ["A"], [""], [1], [null], [["a"]], "a", { 0: "a" }, null]) assert.ok(field.parse(wrong) instanceof Mismatch, JSON.stringify(wrong));
  });
});
