import { isReady } from "../../../clients/kubernetes/pod-trouble";
import type { MySqlLook, ServerLook } from "../../mysql/look";
import { problem, watchOne, type Found, type Problem } from "../check";
import { ofOwnMySql } from "./external";

const STATUS = "ops mysql status; docs/runbooks/mysql-status.md";
const INCIDENT = "docs/runbooks/incident-mysql.md";
const BEHIND_SECONDS = 60;

/** @param ready pods that the kubelet says are ready: if such a server is not reached, the way to it may be the reason */
export function evaluateReplication({ primary, servers, notes, leader }: MySqlLook, ready: ReadonlySet<string>): Found {
  const down = servers.filter(({ state }) => state === undefined);
  const silent = down.filter(({ name }) => ready.has(name));
  const replicas = servers.filter(({ isPrimary, state }) => !isPrimary && state !== undefined);
  const writable = replicas.filter(({ state }) => state?.writable === true);
  const isDown = (server: ServerLook | undefined) =>
    server !== undefined && down.includes(server) && !silent.includes(server);
  const declared = servers.find(({ isPrimary }) => isPrimary);
  const said = ({ name, is }: ServerLook) => `${name} ${is.replace(/^! /, "")}`;
  const problems: Problem[] = [
    ...writable.map((server) =>
      problem(
        "stop",
        `${said(server)}: two servers may have different data, ${primary} is the primary`,
        `ops mysql pause; ${STATUS}`,
      ),
    ),
    ...(isDown(declared)
      ? [
          problem(
            "escalate",
            `the primary ${primary} does not answer: nothing can be published`,
            `ops mysql failover, if automatic failover does not happen; ${INCIDENT}`,
          ),
        ]
      : []),
    ...(declared?.state?.writable === false
      ? [
          problem(
            "escalate",
            `the primary ${primary} is read-only: nothing can be published`,
            `kubectl logs deployment/mysql-controller; ${INCIDENT}`,
          ),
        ]
      : []),
    ...(declared === undefined
      ? [problem("escalate", `the declared primary ${primary} is not configured`, "docs/runbooks/mysql-switchover.md")]
      : []),
    ...watchOne(
      servers
        .filter(
          (server) =>
            !server.isPrimary &&
            !writable.includes(server) &&
            (isDown(server) || (server.state !== undefined && server.is.startsWith("!"))),
        )
        .map((server) => ({ reason: said(server), fix: STATUS })),
    ),
    ...silent.map(({ name }) => problem("unknown", `${name} was not reached, and its pod is ready`, STATUS)),
    ...replicas
      .filter(({ state }) => (state?.replica?.secondsBehind ?? 0) > BEHIND_SECONDS)
      .map(({ name, behind }) => problem("watch", `${name} is ${behind} behind`, STATUS)),
    ...(leader === undefined
      ? [
          problem(
            "watch",
            "no controller runs: a server that restarts stays read-only",
            "kubectl describe deployment/mysql-controller; docs/runbooks/mysql-status.md",
          ),
        ]
      : []),
    ...(notes.paused === undefined
      ? []
      : [
          problem(
            "watch",
            `the controller is paused: ${notes.paused}`,
            "ops mysql resume; docs/runbooks/mysql-pause.md",
          ),
        ]),
  ];
  return { summary: `primary ${primary}, ${servers.length - down.length} of ${servers.length} answer`, problems };
}

export const replication = ofOwnMySql("replication", async (world) => {
  const [look, pods] = await Promise.all([world.mysql(), world.pods()]);
  return evaluateReplication(look, new Set(pods.filter(isReady).map(({ metadata }) => metadata.name)));
});
