import { escapeId } from "mysql2";

/** Runs a statement. A `?` in it stands for the next of the values. */
export type Query = (
  statement: string,
  values?: readonly string[],
) => Promise<readonly Readonly<Record<string, unknown>>[]>;

/** A column as information_schema.COLUMNS describes it. What a type does not have is null. */
export interface Column {
  readonly name: string;
  /** "varchar(128)", "bigint unsigned". */
  readonly type: string;
  /** "varchar", "bigint". */
  readonly dataType: string;
  /** The longest text that it holds. */
  readonly length: number | null;
  /** Digits of the largest number that it holds. */
  readonly precision: number | null;
  /** Digits of a second. */
  readonly fraction: number | null;
  readonly collation: string | null;
  readonly nullable: boolean;
  readonly inPrimaryKey: boolean;
  /** Its default, a text or an expression; null also if the default is NULL. */
  readonly preset: string | null;
  /** "auto_increment", "DEFAULT_GENERATED on update CURRENT_TIMESTAMP". */
  readonly extra: string;
  /** Whether its values are computed from other columns. */
  readonly computed: boolean;
  readonly comment: string;
}

export interface Index {
  readonly name: string;
  readonly unique: boolean;
  /** As ALTER TABLE takes them: "`kp`,`tenant_id`(20)". */
  readonly columns: string;
}

export interface Table {
  readonly name: string;
  /** Whether it is a table and not a view. */
  readonly isTable: boolean;
  /** Null for a view. */
  readonly collation: string | null;
  /** "Dynamic", "Compact"; null for a view. */
  readonly rowFormat: string | null;
  /** In their order. */
  readonly columns: readonly Column[];
  /** By name. */
  readonly indexes: readonly Index[];
}

/** A name in a statement. */
export function quoted(name: string): string {
  return escapeId(name, true);
}

/** Whether two columns or indexes have the same name: MySQL ignores its case. Names of tables are compared exactly. */
export function sameName(name: string, other: string): boolean {
  return name.toLowerCase() === other.toLowerCase();
}

/** The order of names. */
export function byName({ name }: { readonly name: string }, other: { readonly name: string }): number {
  return name < other.name ? -1 : Number(name > other.name);
}

type Row<T> = T & { readonly tableName: string };

/** The tables and views of a database, by name. */
export async function readTables(query: Query, database: string): Promise<Table[]> {
  const tables = (await query(
    "SELECT TABLE_NAME AS name, TABLE_TYPE AS type, TABLE_COLLATION AS collation, ROW_FORMAT AS rowFormat " +
      "FROM information_schema.TABLES WHERE TABLE_SCHEMA = ?",
    [database],
  )) as unknown as (Pick<Table, "name" | "collation" | "rowFormat"> & { readonly type: string })[];
  const columns = await readColumns(query, database);
  const parts = await readIndexParts(query, database);
  return tables
    .map(({ name, type, collation, rowFormat }) => ({
      name,
      isTable: type === "BASE TABLE",
      collation,
      rowFormat,
      columns: columns.filter(({ tableName }) => tableName === name).map(columnOf),
      indexes: indexesOf(parts.filter(({ tableName }) => tableName === name)),
    }))
    .sort(byName);
}

type ColumnRow = Row<
  Omit<Column, "nullable" | "inPrimaryKey" | "computed"> & {
    readonly isNullable: string;
    readonly keyType: string;
    readonly expression: string;
  }
>;

async function readColumns(query: Query, database: string): Promise<ColumnRow[]> {
  return (await query(
    "SELECT TABLE_NAME AS tableName, COLUMN_NAME AS name, COLUMN_TYPE AS type, DATA_TYPE AS dataType, " +
      "CHARACTER_MAXIMUM_LENGTH AS length, NUMERIC_PRECISION AS `precision`, DATETIME_PRECISION AS fraction, " +
      "COLLATION_NAME AS collation, IS_NULLABLE AS isNullable, COLUMN_KEY AS keyType, COLUMN_DEFAULT AS preset, " +
      "EXTRA AS extra, GENERATION_EXPRESSION AS expression, COLUMN_COMMENT AS comment " +
      "FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? ORDER BY TABLE_NAME, ORDINAL_POSITION",
    [database],
  )) as unknown as ColumnRow[];
}

function columnOf(row: ColumnRow): Column {
  const { name, type, dataType, length, precision, fraction, collation, preset, extra, comment } = row;
  return {
    name,
    type,
    dataType,
    length,
    precision,
    fraction,
    collation,
    nullable: row.isNullable === "YES",
    inPrimaryKey: row.keyType === "PRI",
    preset,
    extra,
    computed: row.expression !== "",
    comment,
  };
}

/** A column of an index, or an expression, and how many of its characters the index has. */
interface IndexPart {
  readonly name: string;
  readonly nonUnique: number;
  readonly column: string | null;
  readonly characters: number | null;
  readonly expression: string | null;
}

async function readIndexParts(query: Query, database: string): Promise<Row<IndexPart>[]> {
  return (await query(
    "SELECT TABLE_NAME AS tableName, INDEX_NAME AS name, NON_UNIQUE AS nonUnique, COLUMN_NAME AS `column`, " +
      "SUB_PART AS characters, EXPRESSION AS expression " +
      "FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = ? ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX",
    [database],
  )) as unknown as Row<IndexPart>[];
}

function indexesOf(parts: readonly IndexPart[]): Index[] {
  return [...new Set(parts.map(({ name }) => name))].map((name) => {
    const own = parts.filter((part) => part.name === name);
    return { name, unique: own[0].nonUnique === 0, columns: own.map(partText).join(",") };
  });
}

function partText({ column, characters, expression }: IndexPart): string {
  if (column === null) return `(${expression})`;
  return `${quoted(column)}${characters === null ? "" : `(${characters})`}`;
}
