import { COLLATION, TO_COLLATION, type Change, type TablePlan } from "./change";
import { planColumn, type ColumnPlan } from "./columns";
import { quoted, sameName, type Index, type Table } from "./tables";

/**
 * What brings existing tables to the shipped schema, in their order. Tables that do not differ are left out, and so are
 * tables that do not ship: they belong to something else.
 *
 * @param earlier names of tables that do not ship any more, and get the character set all the same
 */
export function planTables(here: readonly Table[], ships: readonly Table[], earlier: readonly string[]): TablePlan[] {
  return here
    .filter(({ isTable }) => isTable)
    .map((table) => ({ table, shipped: ships.find(({ name }) => name === table.name) }))
    .filter(({ table, shipped }) => shipped !== undefined || earlier.includes(table.name))
    .map(({ table, shipped }) => planTable(table, shipped))
    .filter(({ changes, differences }) => changes.length + differences.length > 0);
}

function planTable(table: Table, shipped: Table | undefined): TablePlan {
  const columns = table.columns
    .filter(({ computed }) => !computed)
    .map((column) =>
      planColumn(
        table.name,
        column,
        shipped?.columns.find(({ name }) => sameName(name, column.name)),
      ),
    );
  const indexes = (shipped?.indexes ?? []).map((index) => planIndex(table, index));
  const parts = [conversionOf(table, columns), ...columns, ...indexes];
  return {
    table: table.name,
    changes: parts.flatMap(({ change }) => change ?? []),
    differences: parts.flatMap(({ difference }) => difference ?? []),
  };
}

interface Part {
  readonly change?: Change;
  readonly difference?: string;
}

/** The table's own character set, which new columns get. */
function conversionOf({ name, collation, rowFormat }: Table, columns: readonly ColumnPlan[]): Part {
  if (collation === COLLATION && !columns.some(({ converted }) => converted)) return {};
  // In older formats, an index on a long text does not fit when its characters take four bytes.
  const format = rowFormat === "Dynamic" || rowFormat === "Compressed" ? "" : "ROW_FORMAT=DYNAMIC, ";
  return {
    change: {
      clause: `${format}DEFAULT ${TO_COLLATION}`,
      done: `converted table ${name} to ${COLLATION}`,
      stays: `table ${name} is ${collation}`,
    },
  };
}

/** An index that ships. An index of another name with the same columns serves as well. */
function planIndex(table: Table, ships: Index): Part {
  if (table.indexes.some(({ columns, unique }) => sameName(columns, ships.columns) && unique === ships.unique))
    return {};
  const stays = `index ${table.name}.${ships.name} ships as ${kindOf(ships)}${ships.columns}`;
  const taken = table.indexes.find(({ name }) => sameName(name, ships.name));
  if (taken !== undefined)
    return {
      difference: `${stays}, and is ${kindOf(taken)}${taken.columns}: drop it by hand if nothing else needs it`,
    };
  return {
    change: {
      clause: `ADD ${keyOf(ships)} (${ships.columns})`,
      done: `added index ${table.name}.${ships.name}`,
      stays,
    },
  };
}

const kindOf = ({ unique }: Index): string => (unique ? "unique " : "");

function keyOf({ name, unique }: Index): string {
  if (name === "PRIMARY") return "PRIMARY KEY";
  return `${unique ? "UNIQUE KEY" : "KEY"} ${quoted(name)}`;
}
