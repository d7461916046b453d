/**
 * Runs beside each Nacos server: answers which members it has, holds it back until it may start, and takes it out of the
 * cluster when its pod will not come back.
 */
import * as fs from "node:fs";
import * as http from "node:http";
import * as os from "node:os";
import { KubernetesApi } from "../../clients/kubernetes/api";
import { pause } from "../../clients/pause";
import { memberHost, type MembersSettings } from "../../contract/members";
import { MEMBERS_PORT, NACOS_PORTS } from "../../contract/ports";
import { eventLog } from "../event-log";
import { mountedIdentity } from "../nacos-http";
import { Agent, type PeerState } from "./agent";
import { MembershipRecord } from "./record";
import { NacosServer } from "./server";

/** The files in the pod. */
const FILES = {
  settings: "/code/settings.json",
  identity: "/identity",
  raft: "/data/protocol/raft",
  allowed: "/state/allowed",
  serving: "/state/serving",
  /** On the server's volume: it started without data, and has got none since. */
  empty: "/data/raft-is-empty",
} as const;

const PASS_MS = 2000;

/** The answers to the server in the same pod, to its start script and the kubelet, and to the other pods. */
export function answer(
  agent: Pick<Agent, "list" | "state" | "mayServe" | "leave" | "metrics">,
  path: string,
  isLocal: boolean,
): Answer | Promise<Answer> {
  const { list, state } = agent;
  switch (path) {
    case "/nacos/serverlist":
      return list === undefined
        ? { status: 503, text: "not known yet\n" }
        : { status: 200, text: list.map((host) => `${host}:${NACOS_PORTS.http}\n`).join("") };
    case "/mode":
      return list === undefined
        ? { status: 503, text: "" }
        : { status: 200, text: list.length === 1 ? "standalone" : "cluster" };
    case "/start":
      return { status: state.started && list !== undefined ? 200 : 503, text: "" };
    case "/ready":
      return { status: agent.mayServe ? 200 : 503, text: "" };
    case "/state":
      return { status: 200, text: JSON.stringify(state) };
    case "/metrics":
      return agent.metrics().then((text) => ({ status: 200, text }));
    case "/leave":
      return isLocal ? agent.leave().then(() => ({ status: 200, text: "" })) : { status: 403, text: "" };
    default:
      return { status: 404, text: "" };
  }
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

function serve(agent: Agent, log: (line: string) => void): void {
  http
    .createServer((request, response) => {
      const isLocal = ["127.0.0.1", "::1", "::ffff:127.0.0.1"].includes(request.socket.remoteAddress ?? "");
      Promise.resolve()
        .then(() => answer(agent, request.url ?? "", isLocal))
        .catch((error: unknown) => {
          log(String(error));
          return { status: 500, text: "" };
        })
        .then(({ status, text }) =>
          response.writeHead(status, { "content-type": "text/plain; version=0.0.4" }).end(text),
        )
        .catch(() => undefined);
    })
    .listen(MEMBERS_PORT);
}

/** A permission that lasts as long as its file. */
function permission(file: string) {
  return { isAllowed: () => fs.existsSync(file), allow: () => fs.writeFileSync(file, "") };
}

async function stateOf(host: string): Promise<PeerState> {
  const response = await fetch(`http://${host}:${MEMBERS_PORT}/state`, { signal: AbortSignal.timeout(3000) });
  return (await response.json()) as PeerState;
}

function main(): void {
  const settings = JSON.parse(fs.readFileSync(FILES.settings, "utf8")) as MembersSettings;
  const identity = () => mountedIdentity(FILES.identity);
  const log = eventLog("nacos-members");
  // One for each host, because it learns of which series the server is.
  const servers = new Map<string, NacosServer>();
  const agent = new Agent({
    ordinal: Number(os.hostname().split("-").at(-1)),
    version: settings.version,
    record: new MembershipRecord(KubernetesApi.inCluster(), settings),
    hostOf: (ordinal) => memberHost(settings, ordinal),
    serverOf: (host) => {
      const server = servers.get(host) ?? new NacosServer(host, settings.version, identity);
      servers.set(host, server);
      return server;
    },
    peerOf: stateOf,
    data: {
      isEmpty: () =>
        fs.existsSync(FILES.empty) || !fs.existsSync(FILES.raft) || fs.readdirSync(FILES.raft).length === 0,
      noteEmpty: () => fs.writeFileSync(FILES.empty, ""),
      noteFilled: () => fs.rmSync(FILES.empty, { force: true }),
      remove: () => fs.rmSync(FILES.raft, { recursive: true, force: true }),
    },
    start: permission(FILES.allowed),
    serve: permission(FILES.serving),
    now: () => performance.now(),
    pause,
    log,
  });
  serve(agent, log);
  process.on("SIGTERM", () => process.exit(0));
  const loop = async (): Promise<never> => {
    for (let told = ""; ; ) {
      told = await agent.pass().then(
        () => "",
        (error: unknown) => {
          const line = (error as Error).message;
          if (line !== told) log(`problem: ${line}`);
          return line;
        },
      );
      await pause(PASS_MS);
    }
  };
  void loop();
}

if (require.main === module) main();
