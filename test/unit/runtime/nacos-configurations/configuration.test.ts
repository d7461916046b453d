import assert from "node:assert/strict";
import { tenantsOf } from "../../../../runtime/nacos-configurations/configuration";
import { found, row, tag } from "./rows";

const names = (...args: Parameters<typeof found>): string[] =>
  found(...args).configurations.map(({ tenant, group, dataId }) => `${tenant}/${group}/${dataId}`);

describe("The rows of configurations", () => {
  it("of the default namespace have the ID of either series", () => {
    assert.deepEqual([tenantsOf("public"), tenantsOf("orders")], [["", "public"], ["orders"]]);
    assert.deepEqual(
      names({ namespace: "public" }, row({ tenant_id: "" }), row({ tenant_id: "public" }), row({ tenant_id: null })),
      ["/G/a", "public/G/a", "/G/a"],
    );
  });

  it("are selected exactly, even if the database ignores case or spaces", () => {
    const rows = [
      row(),
      row({ data_id: "A" }),
      row({ data_id: "a " }),
      row({ group_id: "g" }),
      row({ tenant_id: "Orders" }),
    ];
    assert.deepEqual(names({ namespace: "orders", group: "G", dataId: "a" }, ...rows), ["orders/G/a"]);
    assert.deepEqual(names({ namespace: "orders", group: "g" }, ...rows), ["orders/g/a"]);
    assert.equal(names({ namespace: "orders" }, ...rows).length, 4);
  });

  it("have tags in order, and belong to a namespace with a name", () => {
    const { configurations, namespace } = found(
      { namespace: "orders" },
      { table: "tenant_info", tenant_id: "orders", tenant_name: "All orders" },
      { table: "tenant_info", tenant_id: "other", tenant_name: "Other" },
      tag("t2"),
      tag("t1"),
      tag("t3", { data_id: "b" }),
      row(),
    );
    assert.equal(configurations[0].tags, "t1,t2");
    assert.deepEqual(namespace, { id: "orders", name: "All orders", description: "" });
  });

  it("are the same with no value and an empty one, and may lack columns", () => {
    const [full] = found({ namespace: "orders" }, row({ type: null })).configurations;
    const { table, tenant_id, group_id, data_id, md5, gmt_modified, src_user } = row();
    const [short] = found(
      { namespace: "orders" },
      { table, tenant_id, group_id, data_id, md5, gmt_modified, src_user },
    ).configurations;
    assert.deepEqual(short, full);
    assert.deepEqual([full.type, full.schema, full.modified], ["text", "", "2026-11-30 17:42:56"]);
  });
});
