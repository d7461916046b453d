import { holds, type Conditioned } from "../../../clients/kubernetes/conditions";
import { problem, type Check, type Found } from "../check";

export interface Autoscaler {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly minReplicas?: number; readonly maxReplicas: number };
  readonly status?: Conditioned["status"] & { readonly currentReplicas?: number };
}

const PAGE = "docs/autoscaling.md";

export function evaluateAutoscalers(autoscalers: readonly Autoscaler[]): Found {
  return {
    summary:
      autoscalers
        .map(
          ({ metadata, spec, status }) =>
            `${metadata.name} ${status?.currentReplicas ?? 0} of at most ${spec.maxReplicas}`,
        )
        .join(", ") || "none",
    problems: autoscalers.flatMap((autoscaler) => [
      ...["AbleToScale", "ScalingActive"].flatMap((type) => {
        const { name } = autoscaler.metadata;
        const idle = holds(autoscaler, type, "False");
        if (idle === undefined) return [];
        return problem(
          "watch",
          `autoscaler ${name} does not act: ${idle.message ?? ""}`,
          `kubectl describe hpa ${name}; ${PAGE}`,
        );
      }),
      ...((autoscaler.status?.currentReplicas ?? 0) >= autoscaler.spec.maxReplicas
        ? [
            problem(
              "watch",
              `autoscaler ${autoscaler.metadata.name} is at its maximum of ${autoscaler.spec.maxReplicas}: more load finds no more servers`,
              PAGE,
            ),
          ]
        : []),
    ]),
  };
}

export const autoscalers: Check = {
  name: "autoscalers",
  look: async (world) => evaluateAutoscalers(await world.list("autoscaling/v2", "horizontalpodautoscalers")),
};
