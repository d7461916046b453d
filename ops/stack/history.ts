import { columns } from "../columns";
import { command } from "../command";
import { configChanges, type Deployment, deploymentsOf, hadPack } from "./deployments";

const SIGNS: Readonly<Record<string, string>> = { create: "+", update: "~", replace: "±", delete: "-" };

/** What the command prints, the last deployment first. */
export function historyText(deployments: readonly Deployment[]): string {
  if (deployments.length === 0) return "Nothing was deployed yet.";
  const rows = deployments.map((deployment) => {
    const { kind, startTime, result, environment, resourceChanges = {} } = deployment;
    const changes = Object.entries(resourceChanges).flatMap(([op, count]) =>
      op in SIGNS ? `${SIGNS[op]}${count}` : [],
    );
    return [
      startTime,
      kind,
      result,
      changes.join(" ") || "none",
      kind !== "update" ? "–" : hadPack(deployment) ? "yes" : "no",
      `${environment["git.head"]?.slice(0, 8) ?? "unknown"}${environment["git.dirty"] === "true" ? "+" : ""}`,
      environment["git.committer"] ?? "unknown",
    ];
  });
  const [head, ...lines] = columns([
    ["STARTED", "KIND", "RESULT", "CHANGES", "POLICIES", "COMMIT", "COMMITTER"],
    ...rows,
  ]).split("\n");
  const details = deployments.map(({ message, environment, config }, index) => {
    const build = environment["ci.build.url"] ?? environment["ci.build.number"];
    const before = deployments.at(index + 1);
    return [
      message,
      ...(build === undefined ? [] : [`${environment["ci.system"]}: ${build}`]),
      ...(before === undefined ? [] : configChanges(before.config, config)),
    ].map((line) => `    ${line}`);
  });
  return [head, ...lines.flatMap((line, index) => [line, ...details[index]])].join("\n");
}

export const historyCommand = command({
  summary: "show which deployments were made, from which commit, and what each has changed",
  run: async ({ stack }) => console.log(historyText(await deploymentsOf(stack))),
});
