/** A range of releases with a fault that no configuration fixes. */
export interface RefusedReleases {
  /** First and last release of the range, in the same series: dotted numbers. */
  readonly first: string;
  readonly last: string;
  /** What is wrong, as it follows "which", with the report. */
  readonly reason: string;
  /** The next release without the fault. */
  readonly next: string;
}

export const REFUSED_RELEASES: readonly RefusedReleases[] = [
  {
    first: "2.2.0",
    last: "2.2.2",
    reason: "runs whatever code is sent to its Raft port (CNVD-2023-45001)",
    next: "2.2.4",
  },
  {
    first: "2.3.0",
    last: "2.3.0",
    reason: "never cleans up the history of configurations (alibaba/nacos#14207)",
    next: "2.3.2",
  },
  // 2.5.0 creates the table that its health check reads, but the schema of 2.5.1 does not create it.
  {
    first: "2.5.0",
    last: "2.5.1",
    reason:
      "reports a failed database every ten seconds if its table config_info_beta is missing, as in 2.5.1's schema (alibaba/nacos#13193, #13538)",
    next: "2.5.3",
  },
  { first: "3.0.0", last: "3.0.0", reason: "has no metrics (alibaba/nacos#13321)", next: "3.0.3" },
  {
    first: "3.0.1",
    last: "3.0.2",
    reason:
      "reports a failed database every ten seconds, because it reads a table that its schema does not create (alibaba/nacos#13538)",
    next: "3.0.3",
  },
  { first: "3.2.1", last: "3.2.1", reason: "has no metrics (alibaba/nacos#15033)", next: "3.2.3" },
];

/** The entry for a release. A version without a third number, such as "2.5", is the first of its series. */
export function refusedRelease(version: string): RefusedReleases | undefined {
  const number = order(version);
  return REFUSED_RELEASES.find(({ first, last }) => order(first) <= number && number <= order(last));
}

/** Major, minor and patch in one number. A fourth number ("2.2.0.1") does not count. */
function order(version: string): number {
  const [major, minor, patch = 0] = version.split(".").map(Number);
  return (major * 1000 + minor) * 1000 + patch;
}
