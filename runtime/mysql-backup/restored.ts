import { ifInterrupted, type LoadMode } from "./load-plan";
import type { TableCount } from "./manifest";

export interface Loaded {
  readonly mode: LoadMode;
  readonly suffix: string;
  /** How long the load took. */
  readonly seconds: number;
  /** Rows of the restored tables in the scratch instance, and in the primary. */
  readonly expected: readonly TableCount[];
  readonly found: readonly TableCount[];
}

/** More would not fit into a container's last message. */
const MOST_DIFFERENCES = 6;

/** The end of a restore, as readable text. */
export function restoredText({ mode, suffix, seconds, expected, found }: Loaded): {
  readonly text: string;
  readonly failed: boolean;
} {
  const differences = differencesOf(expected, found);
  if (differences.length > 0) {
    const some = differences.slice(0, MOST_DIFFERENCES).join("; ");
    return {
      failed: true,
      text: `${ifInterrupted(mode, suffix)}: the primary's row counts differ from the restore's: ${some}`,
    };
  }
  const names = mode === "fresh" ? `, names end in ${suffix}` : "";
  return { failed: false, text: `restored (${mode}${names}) in ${seconds} s; all row counts agree` };
}

/** One text for each table that has other rows, is missing, or exists in addition. */
function differencesOf(expected: readonly TableCount[], found: readonly TableCount[]): string[] {
  const [there, here] = [expected, found].map(
    (counts) => new Map(counts.map(({ database, table, rows }) => [`${database}.${table}`, rows])),
  );
  return [...new Set([...there.keys(), ...here.keys()])]
    .sort()
    .filter((table) => there.get(table) !== here.get(table))
    .map((table) => `${table} has ${rowsText(here.get(table))} instead of ${rowsText(there.get(table))}`);
}

function rowsText(rows: number | undefined): string {
  return rows === undefined ? "no table" : `${rows} rows`;
}
