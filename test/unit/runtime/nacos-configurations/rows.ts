import {
  Collector,
  type Found,
  type Row,
  type Selection,
} from "../../../../runtime/nacos-configurations/configuration";

/** A row of config_info as 2.x and 3.x write it, of the configuration G/a in the namespace orders. */
export function row(more: Partial<Row> = {}): Row {
  return {
    table: "config_info",
    tenant_id: "orders",
    group_id: "G",
    data_id: "a",
    md5: "f97c5d29941bfb1b2fdab0874906ab82",
    gmt_modified: "2026-11-30 17:42:56.000000",
    src_user: "somebody",
    type: "yaml",
    app_name: "",
    c_desc: null,
    c_use: null,
    effect: null,
    c_schema: null,
    encrypted_data_key: "",
    ...more,
  };
}

export function tag(name: string, more: Partial<Row> = {}): Row {
  return {
    table: "config_tags_relation",
    tenant_id: "orders",
    group_id: "G",
    data_id: "a",
    tag_name: name,
    ...more,
  };
}

export function found(selection: Selection, ...rows: readonly Row[]): Found {
  const collector = new Collector(selection);
  for (const one of rows) collector.add(one);
  return collector.found;
}
