/** Writes docs/alerts.md from what the program makes: `npx sucrase-node test/support/alerts.ts`. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ruleFile } from "../../components/monitoring/alerts/catalogue";
import { nacosMemory } from "../../components/nacos/memory";
import { MIB, memoryBytes } from "../../contract/quantity";
import { validate } from "../../schema";
import { settings } from "./program";

export const PAGE = join(__dirname, "../../docs/alerts.md");

/** Paths of pages in a text, as links of a page in docs. */
function linked(text: string): string {
  return text.replaceAll(/docs\/([a-z/-]+\.md)/gi, "[$1]($1)");
}

/** What alerts depend on in prod, with an autoscaler: it has all of them. */
export function watchedInProd() {
  const { namespace, nacos, mysql, monitoring } = validate({
    project: "nacos-platform",
    stack: "prod",
    values: settings("prod", { "nacos-platform:monitoring": '{"mode":"annotations"}' }),
    isSecret: () => true,
  });
  if (monitoring.mode === "disabled" || mysql.mode === "external") throw new Error("no alerts of MySQL");
  const { direct } = nacosMemory(memoryBytes(nacos.resources.limits.memory));
  return {
    namespace,
    thresholds: monitoring.thresholds,
    nacos: { name: "nacos", servers: nacos.replicas, directBytes: direct * MIB, cpuPercent: 70 },
    mysql,
    backups: mysql.backup,
  };
}

/** A metric with the labels by which alerts select it, regular expressions left out. */
interface Selector {
  readonly name: string;
  readonly labels: readonly string[];
}

/** What the alerts of prod select of the metrics that the stack itself serves. */
export function ownSelectors(): Selector[] {
  const rules = ruleFile(watchedInProd(), "prod", "docs").groups.flatMap((group) => group.rules);
  return rules
    .flatMap(({ expr }) => [...expr.matchAll(/\b((?:jvm|nacos|mysql)_\w+)\{([^}]*)\}/g)])
    .map(([, name, matchers]) => ({
      name,
      labels: [...matchers.matchAll(/\w+="[^"]*"/g)]
        .map(([label]) => label)
        .filter((label) => !/^namespace=/.test(label)),
    }));
}

/** Which of these no line of metrics in Prometheus' text format has. */
export function missing(selectors: readonly Selector[], metrics: string): string[] {
  const lines = metrics.split("\n");
  const has = ({ name, labels }: Selector) =>
    lines.some((line) => /^\w+/.exec(line)?.[0] === name && labels.every((label) => line.includes(label)));
  return [...new Set(selectors.filter((one) => !has(one)).map(({ name, labels }) => `${name}{${labels.join()}}`))];
}

/** The page's text. */
export function page(): string {
  const { groups } = ruleFile(watchedInProd(), "prod", "docs");
  return [
    "# Alerts",
    "",
    "The alerts of stack prod, with their default thresholds. `nacos-platform:monitoring.thresholds` changes these:",
    "[configuration.md](configuration.md). A stack has the alerts for what it has: none about replicas if there is one server, none",
    "about MySQL's servers if it is external, none about an autoscaler without one. [monitoring.md](monitoring.md) says how they get",
    "into Prometheus. Replace `POD` and `NAME` by the labels of the alert.",
    "",
    ...groups.flatMap(({ name, rules }) => [
      `## ${name}`,
      "",
      ...rules.flatMap((rule) => [
        `### ${rule.alert}`,
        "",
        `${rule.labels.severity}, after ${rule.for.replace("m", " min")}. ${rule.annotations.description}`,
        "",
        linked(rule.annotations.action),
        "",
        "```",
        rule.expr,
        "```",
        "",
      ]),
    ]),
    "<!-- Generated: npx sucrase-node test/support/alerts.ts -->",
    "",
  ].join("\n");
}

if (require.main === module) writeFileSync(PAGE, page());
