import type { Column, Index, Table } from "../../../../runtime/nacos-schema/tables";

const TEXTS: Readonly<Record<string, number>> = {
  tinytext: 255,
  text: 65_535,
  mediumtext: 16_777_215,
  longtext: 4_294_967_295,
};
const DIGITS: Readonly<Record<string, number>> = { tinyint: 3, smallint: 5, mediumint: 7, int: 10, bigint: 19 };

/** A column that may be NULL, as information_schema would describe its type. */
export function column(name: string, type: string, more: Partial<Column> = {}): Column {
  const [, dataType, size] = /^(\w+)(?:\((\d+)\))?/.exec(type) as unknown as [string, string, string | undefined];
  const hasText = dataType.endsWith("char") || dataType.endsWith("text");
  const unsignedBigint = type === "bigint unsigned";
  return {
    name,
    type,
    dataType,
    length: hasText ? (TEXTS[dataType] ?? Number(size)) : null,
    precision: unsignedBigint ? 20 : (DIGITS[dataType] ?? null),
    fraction: dataType === "datetime" ? Number(size ?? 0) : null,
    collation: hasText ? "utf8mb4_bin" : null,
    nullable: true,
    inPrimaryKey: false,
    preset: null,
    extra: "",
    computed: false,
    comment: "",
    ...more,
  };
}

export function index(name: string, columns: string, unique = false): Index {
  return { name, columns, unique };
}

/** A table as it ships. */
export function table(name: string, columns: readonly Column[] = [], more: Partial<Table> = {}): Table {
  return { name, isTable: true, collation: "utf8mb4_bin", rowFormat: "Dynamic", columns, indexes: [], ...more };
}
