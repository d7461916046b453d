import { text, at, UNKNOWN } from "../../lib/read";
import type { Rule } from "../../lib/rule";

/** No message quotes a property of the provider: a kubeconfig has credentials. */
export const explicitProvider: Rule = {
  name: "explicit-provider",
  severity: "critical",
  description:
    "Every object has a provider that names its cluster; the default provider deploys to whatever context is current on the machine.",
  remediationSteps:
    "Create a kubernetes.Provider with `context`, or with the content of a kubeconfig, and give it to every resource.",
  url: "https://www.pulumi.com/docs/iac/concepts/resources/options/provider/",
  tags: ["pulumi"],
  resource: function* ({ group, provider }) {
    if (group === undefined || provider === undefined) return;
    if (/^default(_|$)/.test(provider.name)) {
      yield "its provider is the default one, so the current context of the machine decides. Give it a provider with a context.";
      return;
    }
    const kubeconfig = text(provider.props, "kubeconfig");
    const hasContent =
      at(provider.props, "kubeconfig") === UNKNOWN || (kubeconfig !== undefined && /[\n{]/.test(kubeconfig));
    if (at(provider.props, "context") === undefined && !hasContent)
      yield `its provider "${provider.name}" has neither a context nor the content of a kubeconfig. Set context.`;
  },
};
