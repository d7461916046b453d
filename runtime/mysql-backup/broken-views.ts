/** A view that refers to what does not exist. No dump can have it, so the manifest has its definition. */
export interface BrokenView {
  readonly database: string;
  readonly view: string;
  readonly definition: string;
}

/** @param lines that the statement BROKEN_VIEWS returned */
export function parseBrokenViews(lines: readonly string[]): BrokenView[] {
  return lines.map((line) => JSON.parse(line.slice(line.indexOf("\t") + 1)) as BrokenView);
}

/** Options of mysqldump that leave them out. @param lines as above */
export function leavingOut(lines: readonly string[]): string[] {
  return lines.map((line) => line.slice(0, line.indexOf("\t")));
}

/** "1 broken view (ledger.totals)" */
export function brokenViewsText(views: readonly BrokenView[]): string {
  const names = views.map(({ database, view }) => `${database}.${view}`);
  return `${names.length} broken view${names.length === 1 ? "" : "s"} (${names.join(", ")})`;
}
