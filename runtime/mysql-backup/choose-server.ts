/** What a server answered, or that it did not. */
export type ServerReport = { readonly server: string } & (
  | { readonly state: "unreachable"; readonly reason: string }
  | { readonly state: "source"; readonly isReadOnly: boolean }
  | {
      readonly state: "replica";
      readonly isRunning: boolean;
      /** undefined while it is not known. */
      readonly lagSeconds: number | undefined;
    }
);

export type Role = "replica" | "primary";

export interface Choice {
  readonly chosen?: { readonly server: string; readonly role: Role };
  /** Why others are not fit for a backup, one text for each. */
  readonly skipped: readonly string[];
}

/** One row of SHOW REPLICA STATUS. */
export interface ReplicationRow {
  readonly Replica_IO_Running?: unknown;
  readonly Replica_SQL_Running?: unknown;
  readonly Seconds_Behind_Source?: unknown;
}

/** @param rows of SHOW REPLICA STATUS: one for each source */
export function reportOf(server: string, isReadOnly: boolean, rows: readonly ReplicationRow[]): ServerReport {
  if (rows.length === 0) return { server, state: "source", isReadOnly };
  const lags = rows.map(({ Seconds_Behind_Source: lag }) => (lag === null || lag === undefined ? NaN : Number(lag)));
  return {
    server,
    state: "replica",
    isRunning: rows.every((row) => row.Replica_IO_Running === "Yes" && row.Replica_SQL_Running === "Yes"),
    lagSeconds: lags.some(Number.isNaN) ? undefined : Math.max(...lags),
  };
}

/** The replica that lags least, or the primary if no replica is fit. */
export function chooseServer(reports: readonly ServerReport[], maxLagSeconds: number): Choice {
  const skipped = reports.flatMap((report) => unfit(report, maxLagSeconds) ?? []);
  const fit = reports.filter((report) => unfit(report, maxLagSeconds) === undefined);
  const replicas = fit.flatMap((report) => (report.state === "replica" ? [report] : []));
  const least = replicas.sort((a, b) => (a.lagSeconds ?? 0) - (b.lagSeconds ?? 0)).at(0);
  if (least !== undefined) return { chosen: { server: least.server, role: "replica" }, skipped };
  const primary = fit.at(0);
  return { chosen: primary && { server: primary.server, role: "primary" }, skipped };
}

function unfit(report: ServerReport, maxLagSeconds: number): string | undefined {
  const { server } = report;
  switch (report.state) {
    case "unreachable":
      return `${server} does not answer: ${report.reason}`;
    case "source":
      return report.isReadOnly ? `${server} is read-only and no replica: skipped` : undefined;
    case "replica":
      if (!report.isRunning) return `${server} is a replica whose replication does not run: skipped`;
      return report.lagSeconds === undefined || report.lagSeconds > maxLagSeconds
        ? `${server} lags by ${report.lagSeconds ?? "NULL"} s, more than ${maxLagSeconds} s: skipped`
        : undefined;
  }
}

/** What is wrong with the list of databases of a server; undefined: they can be backed up. */
export function databasesFault(server: string, names: readonly string[]): string | undefined {
  if (names.length === 0) return `${server} has no database to back up`;
  return names.every((name) => /^[A-Za-z0-9_$-]+$/.test(name))
    ? undefined
    : `a database's name has other characters than letters, digits, _, $ and -: ${names.join(" ")}`;
}
