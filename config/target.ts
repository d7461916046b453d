import { choice, ENVIRONMENTS, text } from "./fields";

/** A name as a namespace has it. */
export const DNS_LABEL = /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** Namespaces that are nobody's to make, or to put anything into. */
export const KUBERNETES_NAMESPACES = ["default", "kube-system", "kube-public", "kube-node-lease"];

/** The keys that say what a stack is and where it is deployed to. */
export const target = {
  environment: choice(ENVIRONMENTS, {
    description: "Which defaults apply. The stack is named after it: `prod`, or `prod-` and more.",
  }),
  kubeContext: text({
    description: "Context of the kubeconfig that is deployed to. Never the current one by accident.",
    allowed: "the name of a context, see `kubectl config get-contexts`",
    example: "my-cluster",
    pattern: /^\S(.*\S)?$/,
  }),
  namespace: text({
    description: "Namespace that holds everything. Made and owned by the stack.",
    allowed: "a DNS label of at most 63 characters that is none of Kubernetes' own namespaces",
    example: "nacos",
    pattern: DNS_LABEL,
    not: KUBERNETES_NAMESPACES,
    default: { dev: "nacos-dev", test: "nacos-test", prod: "nacos-prod" },
  }),
};
