import { join } from "node:path";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { labels, type Identity } from "../../contract/identities";
import { membersCode, membersConfigMap, type MembersSettings } from "../../contract/members";
import { SIDECARS } from "../../contract/objects";
import { MEMBERS_PORT } from "../../contract/ports";
import { bundle, compressed } from "../../kube/bundle";
import { emptyDirVolumes, withDisk } from "../../kube/ephemeral-storage";
import { checksum, containerSecurity } from "../../kube/pod";
import { serviceAccount } from "../../kube/service-account";

export interface MembersArgs {
  /** Name of the StatefulSet. */
  readonly base: string;
  readonly namespace: pulumi.Input<string>;
  readonly identity: Identity;
  /** DNS suffix of the namespace's Services: `<namespace>.svc.<cluster domain>`. */
  readonly serviceDomain: pulumi.Input<string>;
  /** Version of Nacos: "3.1.2". */
  readonly version: string;
  /** Node.js 20 or newer. */
  readonly nodeImage: pulumi.Input<string>;
  /** Secret with `identityKey` and `identityValue`. */
  readonly authSecret: pulumi.Input<string>;
}

/** What the pods of a Nacos need in order to know their members. */
export interface Members {
  readonly serviceAccount: pulumi.Output<string>;
  /** For the pod's `initContainers`: a sidecar, which starts before the server and ends after it. */
  readonly container: k8s.types.input.core.v1.Container;
  readonly volumes: readonly k8s.types.input.core.v1.Volume[];
  /** Changes with the sidecar's program and settings. */
  readonly mark: pulumi.Output<string>;
}

const EMPTY_DIRS = { "members-state": 1 };

/** Resources of the sidecar, in addition to those of the server. */
export const MEMBERS_RESOURCES = withDisk(
  { requests: { cpu: "10m", memory: "48Mi" }, limits: { cpu: "250m", memory: "128Mi" } },
  EMPTY_DIRS,
);

const TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount";

/** How the servers get the list of members: from the sidecar in their own pod, which the others cannot disturb. */
export const MEMBER_LOOKUP = [
  "-Dnacos.core.member.lookup.type=address-server",
  "-Daddress.server.domain=127.0.0.1",
  `-Daddress.server.port=${MEMBERS_PORT}`,
  "-Daddress.server.url=/nacos/serverlist",
] as const;

/** Ends when the server has left the cluster, if its pod will not come back. */
export const LEAVE = ["bash", "/scripts/leave.sh"];

/**
 * The sidecar `members`, with its program `runtime/nacos-members`, and the ConfigMap in which the sidecars record how many
 * members the cluster has. A scale of the StatefulSet, by whomever, restarts no server.
 */
export function members(name: string, args: MembersArgs, opts: { readonly parent: pulumi.Resource }): Members {
  const { base, namespace, identity } = args;
  const metadata = { namespace, labels: labels(identity) };
  // The stack only creates it. Its content belongs to the sidecars.
  const record = new k8s.core.v1.ConfigMap(
    `${name}-members`,
    { metadata: { ...metadata, name: membersConfigMap(base) } },
    opts,
  );
  const code = pulumi.output(bundle(join(__dirname, "..", "..", "runtime", "nacos-members", "main.ts")));
  const settings = pulumi.all([namespace, args.serviceDomain]).apply(([of, domain]) =>
    JSON.stringify(
      {
        namespace: of,
        statefulSet: base,
        hostSuffix: `${base}-headless.${domain}`,
        version: args.version,
      } satisfies MembersSettings,
      null,
      2,
    ),
  );
  const program = code.apply((text) => compressed("members", text));
  const codeMap = new k8s.core.v1.ConfigMap(
    `${name}-members-code`,
    {
      metadata: { ...metadata, name: membersCode(base) },
      data: pulumi.all([program.data, settings]).apply(([data, text]) => ({ ...data, "settings.json": text })),
      binaryData: program.binaryData,
    },
    opts,
  );
  const account = serviceAccount(`${name}-service-account`, { name: base, namespace, identity }, opts);
  const role = new k8s.rbac.v1.Role(
    `${name}-role`,
    {
      metadata: { ...metadata, name: base },
      rules: [
        { apiGroups: ["apps"], resources: ["statefulsets"], resourceNames: [base], verbs: ["get"] },
        {
          apiGroups: [""],
          resources: ["configmaps"],
          resourceNames: [record.metadata.name],
          verbs: ["get", "patch"],
        },
        { apiGroups: [""], resources: ["pods"], verbs: ["get"] },
      ],
    },
    opts,
  );
  new k8s.rbac.v1.RoleBinding(
    `${name}-role-binding`,
    {
      metadata: { ...metadata, name: base },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: role.metadata.name },
      subjects: [{ kind: "ServiceAccount", name: account.metadata.name, namespace }],
    },
    opts,
  );
  return {
    serviceAccount: account.metadata.name,
    container: membersContainer(args.nodeImage),
    volumes: [
      { name: "members-code", configMap: { name: codeMap.metadata.name } },
      ...emptyDirVolumes(EMPTY_DIRS),
      {
        name: "members-identity",
        secret: {
          secretName: args.authSecret,
          defaultMode: 0o440,
          items: ["identityKey", "identityValue"].map((key) => ({ key, path: key })),
        },
      },
      // Of all containers of the pod, only the sidecar has a token.
      {
        name: "members-token",
        projected: {
          defaultMode: 0o440,
          sources: [
            { serviceAccountToken: { path: "token", expirationSeconds: 3600 } },
            { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
          ],
        },
      },
    ],
    mark: pulumi.all([code, settings]).apply((texts) => checksum(...texts)),
  };
}

function membersContainer(image: pulumi.Input<string>): k8s.types.input.core.v1.Container {
  return {
    name: SIDECARS.members,
    image,
    restartPolicy: "Always",
    command: ["node", "--max-old-space-size=64", "/code/members.js"],
    ports: [{ name: "members", containerPort: MEMBERS_PORT }],
    resources: MEMBERS_RESOURCES,
    securityContext: containerSecurity,
    // The server starts once this succeeds, so it must never give up. One day, because a number is required.
    startupProbe: {
      httpGet: { path: "/start", port: "members" },
      periodSeconds: 1,
      timeoutSeconds: 3,
      failureThreshold: 86_400,
    },
    // A server that joins gets no changes from the others until it is a member, so it serves no clients.
    readinessProbe: {
      httpGet: { path: "/ready", port: "members" },
      periodSeconds: 2,
      timeoutSeconds: 3,
      failureThreshold: 3,
    },
    livenessProbe: {
      httpGet: { path: "/state", port: "members" },
      periodSeconds: 20,
      timeoutSeconds: 5,
      failureThreshold: 3,
    },
    terminationMessagePolicy: "FallbackToLogsOnError",
    volumeMounts: [
      { name: "members-code", mountPath: "/code", readOnly: true },
      { name: "members-state", mountPath: "/state" },
      { name: "members-identity", mountPath: "/identity", readOnly: true },
      { name: "members-token", mountPath: TOKEN, readOnly: true },
      { name: "data", mountPath: "/data" },
    ],
  };
}
