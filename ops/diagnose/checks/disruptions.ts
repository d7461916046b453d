import { problem, type Check, type Found } from "../check";

export interface Budget {
  readonly metadata: { readonly name: string };
  readonly status?: {
    readonly disruptionsAllowed?: number;
    readonly currentHealthy?: number;
    readonly desiredHealthy?: number;
    readonly expectedPods?: number;
  };
}

/** Budgets that are violated, or that would stop a drain of a node now. */
export function evaluateBudgets(budgets: readonly Budget[]): Found {
  return {
    summary:
      budgets.map(({ metadata, status }) => `${metadata.name} allows ${status?.disruptionsAllowed ?? 0}`).join(", ") ||
      "none",
    problems: budgets.flatMap(({ metadata: { name }, status = {} }) => {
      const { disruptionsAllowed = 0, currentHealthy = 0, desiredHealthy = 0, expectedPods = 0 } = status;
      if (expectedPods === 0 || disruptionsAllowed > 0) return [];
      const healthy = `${currentHealthy} of ${expectedPods} pods are healthy`;
      return currentHealthy < desiredHealthy
        ? problem(
            "escalate",
            `disruption budget ${name} is violated: ${healthy}, ${desiredHealthy} must be`,
            "docs/runbooks/incident-pod.md",
          )
        : problem(
            "watch",
            `disruption budget ${name} allows no disruption: ${healthy}. Drain no node`,
            "docs/runbooks/incident-pod.md",
          );
    }),
  };
}

export const disruptions: Check = {
  name: "disruptions",
  look: async (world) => evaluateBudgets(await world.list("policy/v1", "poddisruptionbudgets")),
};
