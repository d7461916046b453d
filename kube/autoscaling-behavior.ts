import type * as k8s from "@pulumi/kubernetes";

export type Behavior = k8s.types.input.autoscaling.v2.HorizontalPodAutoscalerBehavior;

/**
 * How fast the number of pods follows the load, for a workload whose pods may come and go.
 *
 * Up after 60 s of load: by 100 % or by `podsUp` pods in 60 s, whichever is more. Down after 300 s without: by 10 % or by 2
 * pods in 120 s, whichever is less. So a peak is met at once, and the pods stay for the next one.
 *
 * @param podsUp default 10
 */
export function workloadBehavior(podsUp = 10): Behavior {
  return {
    scaleUp: {
      stabilizationWindowSeconds: 60,
      selectPolicy: "Max",
      policies: [
        { type: "Percent", value: 100, periodSeconds: 60 },
        { type: "Pods", value: podsUp, periodSeconds: 60 },
      ],
    },
    scaleDown: {
      stabilizationWindowSeconds: 300,
      selectPolicy: "Min",
      policies: [
        { type: "Percent", value: 10, periodSeconds: 120 },
        { type: "Pods", value: 2, periodSeconds: 120 },
      ],
    },
  };
}

/** At most this many pods, in this many seconds, once all of `windowSeconds` have called for them. */
export interface Steps {
  readonly pods: number;
  /** At most 1800. */
  readonly periodSeconds: number;
  /** At most 3600. */
  readonly windowSeconds: number;
}

/** How fast the number of pods follows the load, in steps of pods. Without `down` it never falls. */
export function steps(up: Steps, down?: Steps): Behavior {
  return { scaleUp: rules(up), scaleDown: down === undefined ? { selectPolicy: "Disabled" } : rules(down) };
}

function rules({ pods, periodSeconds, windowSeconds }: Steps): k8s.types.input.autoscaling.v2.HPAScalingRules {
  return {
    stabilizationWindowSeconds: windowSeconds,
    selectPolicy: "Max",
    policies: [{ type: "Pods", value: pods, periodSeconds }],
  };
}
