import { onKinds } from "../../lib/rule";

export const noBarePods = onKinds(
  {
    name: "no-bare-pods",
    severity: "medium",
    description:
      "Pods belong to a Deployment, StatefulSet, DaemonSet or Job, which creates them again after the loss of a node.",
    remediationSteps: "Use a Deployment, or a Job for what ends.",
    url: "https://kubernetes.io/docs/concepts/configuration/overview/#naked-pods-vs-replicasets-deployments-and-jobs",
    tags: ["reliability"],
  },
  ["core/Pod", "core/ReplicationController", "apps/ReplicaSet"],
  function* ({ kind }) {
    yield kind === "Pod"
      ? "nobody creates it again after the loss of its node. Use a Deployment or a Job."
      : `a ${kind} cannot be updated. Use a Deployment.`;
  },
);
