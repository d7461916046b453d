import * as fs from "node:fs";
import * as path from "node:path";
import { stringify } from "yaml";
import { OFFLINE } from "../../contract/offline";
import { checkout } from "../paths";
import { PulumiTools } from "../toolchain/pulumi";
import { isSettings, type Settings, stackConfig } from "./overlay";
import { PLATFORM } from "./project";
import { isSecret } from "./stack-file";
import { goWithoutDebugLogs, linkPlugins, Target } from "./target";
import { copiesOutside } from "./topology";

/** What a preview has for a secret, which it cannot decrypt. */
const PLACEHOLDER = "unknownInAPreview";
const OFFSITE = "nacos-platform:mysql.backup.offsite";

/**
 * A stack as if nothing were deployed, without its cluster and without its secrets: what a pull request may have.
 *
 * @param dir an empty folder, to be deleted afterwards
 */
export function previewTarget(stack: string, dir: string, tools: PulumiTools): Target {
  const [home, state, project] = ["home", "state", "project"].map((name) => path.join(dir, name));
  for (const folder of [home, state, project]) fs.mkdirSync(folder);
  fs.copyFileSync(path.join(checkout, "Pulumi.yaml"), path.join(project, "Pulumi.yaml"));
  linkPlugins(home, tools);
  goWithoutDebugLogs(home);
  const { open, secret } = parted(stackConfig(stack));
  // Of those that every such stack has, so that one is previewed before they are set.
  if (copiesOutside(stack)) secret.push(`${OFFSITE}.accessKeyId`, `${OFFSITE}.secretAccessKey`);
  const kubeconfig = path.join(dir, "kubeconfig");
  fs.writeFileSync(kubeconfig, kubeconfigWith(String(open["nacos-platform:kubeContext"])));
  return {
    program: PLATFORM.folder,
    dir,
    project,
    config: () => open,
    secrets: () => Object.fromEntries(secret.map((key) => [key, PLACEHOLDER])),
    pulumi: {
      PULUMI_HOME: home,
      PULUMI_BACKEND_URL: `file://${state}`,
      PULUMI_CONFIG_PASSPHRASE: "",
      PULUMI_CONFIG_PASSPHRASE_FILE: undefined,
      KUBECONFIG: kubeconfig,
      TMPDIR: dir, // the Kubernetes provider leaves a copy of the kubeconfig there
      [OFFLINE]: "true",
    },
  };
}

/** A configuration without its encrypted values, and the keys of these. */
export function parted(config: Settings, prefix = ""): { open: Settings; secret: string[] } {
  const open: Settings = {};
  const secret: string[] = [];
  for (const [key, value] of Object.entries(config)) {
    const at = `${prefix}${key}`;
    if (isSecret(value)) secret.push(at);
    else if (!isSettings(value)) open[key] = value;
    else {
      const inner = parted(value, `${at}.`);
      open[key] = inner.open;
      secret.push(...inner.secret);
    }
  }
  return { open, secret };
}

/** A kubeconfig whose only context leads nowhere. */
function kubeconfigWith(context: string): string {
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "none", cluster: { server: "https://127.0.0.1:1" } }],
    users: [{ name: "nobody", user: {} }],
    contexts: [{ name: context, context: { cluster: "none", user: "nobody" } }],
  });
}
