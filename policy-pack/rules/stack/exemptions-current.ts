import { met } from "../../lib/read";
import { onStack, type StackFinding } from "../../lib/rule";

/** Days before the end of an exemption in which its owner is reminded. */
const REMINDER = 30;

export const exemptionsCurrent = onStack(
  {
    name: "exemptions-current",
    severity: "medium",
    description: "Exemptions are used, and have not ended. Findings that they cover are counted here.",
    remediationSteps: "Remove an exemption that is not used. Fix the object of one that ends, or give it a later date.",
    url: "https://www.pulumi.com/docs/insights/policy/policy-packs/",
    tags: ["pulumi"],
  },
  function* (_, { exemptions: { today, allSeen } }): Iterable<StackFinding> {
    const soon = new Date(Date.parse(today) + REMINDER * 24 * 3600 * 1000).toISOString().slice(0, 10);
    for (const { rule, exemption, isBuiltIn, count } of allSeen) {
      const { object, owner, until } = exemption;
      const what = `the exemption of ${object} from ${rule}`;
      // While something is unknown, the finding that it covers may still come. The pack's own are for every kind of stack.
      if (count === 0 && !isBuiltIn && !met.unknown) yield remark(`${what} covers nothing. Remove it.`);
      else if (count > 0 && until < today)
        yield remark(`${what} has ended on ${until}. Fix the object, or ask ${owner} for a later date.`);
      else if (count > 0 && until < soon)
        yield remark(`${what} ends on ${until}. Fix the object, or ask ${owner} for a later date.`);
    }
    // README.md lists those of the pack.
    const covered = allSeen.filter((seen) => !seen.isBuiltIn && seen.count > 0 && seen.exemption.until >= today);
    const list = covered.map(
      ({ rule, exemption, count }) => `${exemption.object} from ${rule}${count > 1 ? ` (${count})` : ""}`,
    );
    if (list.length > 0) yield remark(`exempt are: ${list.join(", ")}.`);
  },
);

function remark(problem: string): StackFinding {
  return { problem, advisory: true };
}
