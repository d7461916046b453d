import * as path from "node:path";
import { IDENTITIES, selectorLabels } from "../../../contract/identities";
import { bundle } from "../../../kube/bundle";
import { connectionLabels, endpointOf } from "../../../kube/connections";
import { requireCluster } from "../../../sandbox/cluster/cluster";
import { apply } from "../../../sandbox/cluster/kubectl";
import { loadSession } from "../../../sandbox/commands/session";
import { waitFor } from "../../../sandbox/exec";
import { Environment, Live } from "./environments";
import type { Written } from "./writer";

const POD = "writer";

/**
 * Runs `work` while a client in the cluster writes to MySQL without a pause, and returns what became of its writes.
 *
 * @param avoid name of a node that the client must not be on
 */
export async function whileWriting(
  environment: Environment,
  { kubectl, outputs }: Live,
  work: () => Promise<void>,
  avoid = "",
): Promise<Written> {
  const { node } = loadSession(requireCluster(environment.cluster)).images;
  const namespaced = (args: string[], input?: string) => kubectl(["--namespace", outputs.namespace, ...args], input);
  // May reach MySQL, from both ends, and is in no Service.
  const metadata = {
    name: POD,
    labels: { ...selectorLabels(IDENTITIES.schema), ...connectionLabels([endpointOf("mysql", IDENTITIES.mysql, [])]) },
  };
  const code = await bundle(path.join(__dirname, "writer.ts"));
  await apply(
    namespaced,
    JSON.stringify({
      apiVersion: "v1",
      kind: "List",
      items: [
        { apiVersion: "v1", kind: "ConfigMap", metadata: { name: POD }, data: { "writer.js": code } },
        {
          apiVersion: "v1",
          kind: "Pod",
          metadata,
          spec: {
            restartPolicy: "Never",
            automountServiceAccountToken: false,
            affinity: {
              nodeAffinity: {
                requiredDuringSchedulingIgnoredDuringExecution: {
                  nodeSelectorTerms: [
                    { matchExpressions: [{ key: "kubernetes.io/hostname", operator: "NotIn", values: [avoid] }] },
                  ],
                },
              },
            },
            securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: "RuntimeDefault" } },
            containers: [
              {
                name: POD,
                image: node.ref,
                command: ["node", "/code/writer.js", `mysql.${outputs.namespace}.svc.cluster.local`],
                resources: { requests: { cpu: "20m", memory: "64Mi" }, limits: { cpu: "500m", memory: "256Mi" } },
                readinessProbe: {
                  exec: { command: ["node", "-e", "process.exit(require('fs').existsSync('/tmp/writing') ? 0 : 1)"] },
                  periodSeconds: 1,
                },
                securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
                volumeMounts: [
                  { name: "code", mountPath: "/code" },
                  { name: "account", mountPath: "/account" },
                ],
              },
            ],
            volumes: [
              { name: "code", configMap: { name: POD } },
              { name: "account", secret: { secretName: outputs.secrets.mysqlRuntime } },
            ],
          },
        },
      ],
    }),
  );
  try {
    await namespaced(["wait", "--for=condition=Ready", `pod/${POD}`, "--timeout=60s"]);
    await work();
    await namespaced(["exec", POD, "--", "node", "-e", "require('fs').writeFileSync('/tmp/stop', '')"]);
    await waitFor("the writer to end", 180, async () =>
      ["Succeeded", "Failed"].includes(await namespaced(["get", `pod/${POD}`, "-o", "jsonpath={.status.phase}"])),
    );
    const said = await namespaced(["logs", POD]);
    if (!said.startsWith("{")) throw new Error(`the writer failed: ${said}`);
    return JSON.parse(said) as Written;
  } finally {
    await namespaced(["delete", `pod/${POD}`, `configmap/${POD}`, "--ignore-not-found", "--grace-period=1"]);
  }
}
