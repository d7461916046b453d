import { sameName, type Table } from "./tables";

export interface MissingColumn {
  readonly table: string;
  readonly column: string;
}

/** Tables and views, by name, that `others` lack. Those that this program creates for itself do not count. */
export function missingTables(tables: readonly Table[], others: readonly Table[]): string[] {
  return tables
    .map(({ name }) => name)
    .filter((name) => !name.startsWith("platform_") && !others.some((other) => other.name === name));
}

/** Columns that `others` lack, of tables which both have, in the order of the tables. */
export function missingColumns(tables: readonly Table[], others: readonly Table[]): MissingColumn[] {
  return tables.flatMap((table) => {
    const other = others.find(({ name }) => name === table.name);
    if (other === undefined) return [];
    return table.columns
      .filter(({ name }) => !other.columns.some((column) => sameName(column.name, name)))
      .map(({ name }) => ({ table: table.name, column: name }));
  });
}

/**
 * A column's definition, as ADD COLUMN takes it, from what SHOW CREATE TABLE says.
 *
 * @throws if the table has no such column
 */
export function columnDefinition(createTable: string, column: string): string {
  const start = `  \`${column}\` `;
  const line = createTable.split("\n").find((text) => text.startsWith(start));
  if (line === undefined) throw new Error(`SHOW CREATE TABLE has no column ${column}`);
  return line.slice(2).replace(/,$/, "");
}
