import assert from "node:assert/strict";
import { requireNoNamespacePublic, requireNoTwins } from "../../../../runtime/nacos-schema/twins";
import { refused } from "../../../support/refusal";
import { table } from "./examples";

const here = [table("config_info"), table("tenant_info")];
const answer = (rows: Record<string, unknown>[]) => () => Promise.resolve(rows);
const rows = (count: number) =>
  Array.from({ length: count }, (_, number) => ({ dataId: `id-${number}`, group: "DEFAULT_GROUP" }));

describe("configurations that keep servers of 3.x from starting", () => {
  it("are refused by name, the first three of them", async () => {
    await assert.rejects(requireNoTwins(answer(rows(1)), here), (error: Error) => {
      refused("SCHEMA_TWINS_DIFFER")(error);
      assert.equal(
        error.message,
        "no server of Nacos 3.x starts: id-0 of DEFAULT_GROUP differs between the public namespace and a namespace with ID public. Delete one of each two",
      );
      return true;
    });
    await assert.rejects(
      requireNoTwins(answer(rows(5)), here),
      /: id-0 of DEFAULT_GROUP, id-1 of DEFAULT_GROUP, id-2 of DEFAULT_GROUP and 2 more differ between/,
    );
  });

  it("are none in a new database, and if no row is found", async () => {
    await requireNoTwins(answer(rows(1)), []);
    await requireNoTwins(answer([]), here);
    await requireNoNamespacePublic(answer([{ tenant_id: "public" }]), []);
    await requireNoNamespacePublic(answer([]), here);
  });

  it("may be those of a namespace that 3.x would take for the public one", () =>
    assert.rejects(
      requireNoNamespacePublic(answer([{ tenant_id: "public" }]), here),
      refused("SCHEMA_NAMESPACE_PUBLIC"),
    ));
});
