import { problem, type Check, type Found } from "../check";

export interface Autoscaler {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly minReplicas?: number; readonly maxReplicas: number };
  readonly status?: {
    readonly currentReplicas?: number;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
  };
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
    problems: autoscalers.flatMap(({ metadata: { name }, spec, status }) => [
      ...(status?.conditions ?? [])
        .filter(({ type, status: holds }) => ["AbleToScale", "ScalingActive"].includes(type) && holds === "False")
        .map(({ message }) =>
          problem(
            "watch",
            `autoscaler ${name} does not act: ${message ?? ""}`,
            `kubectl describe hpa ${name}; ${PAGE}`,
          ),
        ),
      ...((status?.currentReplicas ?? 0) >= spec.maxReplicas
        ? [
            problem(
              "watch",
              `autoscaler ${name} is at its maximum of ${spec.maxReplicas}: more load finds no more servers`,
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
