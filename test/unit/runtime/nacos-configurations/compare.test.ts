import assert from "node:assert/strict";
import { compare, type Comparison } from "../../../../runtime/nacos-configurations/compare";
import type { Row } from "../../../../runtime/nacos-configurations/configuration";
import { found, row, tag } from "./rows";

const OTHER = "b8a9f715dbb64fd5c56e7783c6820a61";
const compared = (then: readonly Row[], now: readonly Row[], namespace = "orders", isThree = true): Comparison => {
  const selection = { namespace };
  return compare(selection, found(selection, ...then), found(selection, ...now), isThree);
};
const published = ({ publish }: Comparison): unknown[] =>
  publish.map(({ then, md5Now }) => [then.tenant, then.dataId, md5Now]);

describe("The comparison of configurations", () => {
  it("publishes what is changed or missing, and names what is newer without touching it", () => {
    const result = compared(
      [row(), row({ data_id: "b" }), row({ data_id: "c" })],
      [row(), row({ data_id: "b", md5: OTHER }), row({ data_id: "d" })],
    );
    assert.deepEqual(result.lines, [
      "orders/G/a: equal",
      "orders/G/d: did not exist then, is left as it is",
      `orders/G/b: changed, md5 is ${OTHER} and was f97c5d29941bfb1b2fdab0874906ab82; last modified 2026-11-30 17:42:56 UTC`,
      "orders/G/c: missing",
    ]);
    assert.equal(result.summary, "1 missing, 1 changed, 1 did not exist then, 1 equal");
    assert.deepEqual(published(result), [
      ["orders", "b", OTHER],
      ["orders", "c", undefined],
    ]);
  });

  it("sees what a publish says in addition to the content", () => {
    const result = compared([tag("t"), row({ c_desc: "what it is" })], [row({ type: "json" })]);
    assert.deepEqual(result.lines, [
      "orders/G/a: changed, same content, other type, description, tags; last modified 2026-11-30 17:42:56 UTC",
    ]);
    assert.deepEqual(published(result), [["orders", "a", row().md5]]);
  });

  it("refuses encrypted contents that Nacos would not keep as they are", () => {
    const then = [row({ encrypted_data_key: "k" }), row({ data_id: "cipher-aes-b" })];
    const two = compared(then, [], "orders", false);
    assert.deepEqual(
      two.refused.map(({ name }) => name),
      ["orders/G/a", "orders/G/cipher-aes-b"],
    );
    assert.match(two.lines[0], /^orders\/G\/a: differs and cannot be restored: .* Nacos 2\.x would not keep the key/);
    assert.deepEqual(published(two), []);
    assert.deepEqual(published(compared(then, [])), [["orders", "a", undefined]]);
    assert.equal(compared(then, then, "orders", false).summary, "2 equal");
  });

  describe("of the default namespace", () => {
    const two = (more: Partial<Row> = {}): Row => row({ tenant_id: "", ...more });
    const three = (more: Partial<Row> = {}): Row => row({ tenant_id: "public", ...more });
    const copied = { src_user: "nacos_namespace_migrate" };

    it("compares with what the servers that run give to clients", () => {
      const now = [two({ md5: OTHER }), three()];
      assert.equal(compared([two()], now, "public", true).summary, "1 equal");
      assert.deepEqual(published(compared([two()], now, "public", false)), [["", "a", OTHER]]);
      assert.equal(compared([three()], [two()], "public", false).summary, "1 equal");
    });

    it("does not take a copy of 3.x, which lacks details, even if it is later", () => {
      const later = { gmt_modified: "2026-11-30 17:42:57.000000" };
      for (const then of [
        [two({ ...copied, ...later }), three({ c_desc: "d" })],
        [three({ c_desc: "d" }), two({ ...copied, ...later })],
        [two({ c_desc: "d" }), three({ ...copied, ...later })],
      ])
        assert.deepEqual(
          compared(then, [], "public").publish.map(({ then: one }) => one.description),
          ["d"],
        );
    });

    it("takes the later of two that somebody has published, after a return to 2.x", () => {
      const then = [two({ md5: OTHER, gmt_modified: "2026-12-01 00:00:00.000000" }), three()];
      assert.deepEqual(published(compared(then, [two()], "public", false)), [["", "a", row().md5]]);
      assert.equal(compared(then, [two({ md5: OTHER })], "public", false).summary, "1 equal");
    });
  });
});
