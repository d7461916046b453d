/** A view that refers to what does not exist. No dump can have it, so the manifest has the statement that creates it. */
export interface BrokenView {
  readonly database: string;
  readonly view: string;
  readonly definition: string;
}

/** @param lines that the statement BROKEN_VIEWS returned */
export function parseBrokenViews(lines: readonly string[]): BrokenView[] {
  return lines.map((line) => JSON.parse(line) as BrokenView);
}

/** "1 broken view (ledger.totals)" */
export function brokenViewsText(views: readonly BrokenView[]): string {
  const names = views.map(({ database, view }) => `${database}.${view}`);
  return `${names.length} broken view${names.length === 1 ? "" : "s"} (${names.join(", ")})`;
}
