import { choice, ENVIRONMENTS, text } from "./fields";

/** A valid name of a namespace. */
export const DNS_LABEL = /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** Namespaces in which no stack may create anything. */
export const KUBERNETES_NAMESPACES = ["default", "kube-system", "kube-public", "kube-node-lease"];

/** The keys for the environment of a stack and its place in a cluster. */
export const target = {
  environment: choice(ENVIRONMENTS, {
    description:
      "Environment, which decides the defaults. The name of the stack is the environment, with or without a suffix: `prod`, `prod-eu`.",
  }),
  kubeContext: text({
    description: "Context of the kubeconfig to deploy to. The current context is never used by accident.",
    allowed: "the name of a context, see `kubectl config get-contexts`",
    example: "my-cluster",
    pattern: /^\S(.*\S)?$/,
  }),
  namespace: text({
    description: "Namespace that contains everything. The stack creates and owns it.",
    allowed: "a DNS label of at most 63 characters that is none of Kubernetes' own namespaces",
    example: "nacos",
    pattern: DNS_LABEL,
    not: KUBERNETES_NAMESPACES,
    default: { dev: "nacos-dev", test: "nacos-test", prod: "nacos-prod" },
  }),
};
