import * as fs from "node:fs";
import * as http from "node:http";
import * as os from "node:os";
import type { Settings } from "../../contract/settings";
import { parseCredentials } from "../../contract/credentials";
import { leasePath, WriterService } from "./writer-service";
import { CONTROLLER_PORT } from "../../contract/ports";
import { Refusal, withCode } from "../../contract/refusal";
import { pause } from "../../clients/pause";
import { eventLog } from "../event-log";
import { KubernetesApi } from "../../clients/kubernetes/api";
import { Lease, RENEW_MS } from "../../clients/kubernetes/lease";
import { errantOf } from "./acknowledged";
import { CertificateWatch } from "./certificates";
import { failover } from "./failover";
import { LogRotation } from "./log-rotation";
import type { Metric } from "../prometheus";
import { backupMetrics, metricsText, orNone, type ControllerState } from "./metrics";
import { Reconciler } from "./reconcile";
import { Server } from "./server";
import { copiedAt, ShippingWatch } from "./shipping";
import type { Topology } from "./topology";

/** The files in the pod that the controller needs. */
const FILES = {
  settings: "/settings/settings.json",
  control: "/credentials/control.json",
  replication: "/credentials/replication.json",
  ca: "/ca/ca.crt",
} as const;

const PASS_MS = 500;
/** How long a primary must be unreachable before it counts as dead. */
const DEAD_AFTER_MS = 2500;
/** Pause between two failovers: without it, the second would find servers that have not settled after the first. */
const COOL_DOWN_MS = 60_000;
/** How long the controller may see less than half of the servers before it releases the lease, and then leaves it to others. */
const BLIND_MS = 10_000;
const LEAVE_MS = 15_000;
/** A pass that takes longer than this counts as hung. */
const HUNG_MS = 300_000;

/** Leads the servers while it holds the lease: repairs the declared state and, if the stack is configured so, fails over. */
export class Controller {
  private readonly reconciler: Reconciler;
  private handingOver = false;
  private silentSince: number | undefined;
  /** Since when it sees less than half of the servers. */
  private blindSince: number | undefined;
  /** Until when it does not take the lease. */
  private leavesUntil = 0;
  /** The note of a failover after which the servers settle, and since when this process knows of it: its writer's clock may differ. */
  private settling: { readonly note: string; readonly since: number } | undefined;
  private told = "";
  private problems = 0;
  private lastPass = Date.now();
  private isOver = false;

  /**
   * @param rotation of the servers' binary logs, if they are copied off-site.
   * @param watched problems of the servers' certificates and of the copies of their binary logs.
   */
  constructor(
    private readonly topology: Topology,
    private readonly lease: Lease,
    private readonly automatic: boolean,
    private readonly rotation?: LogRotation,
    private readonly watched: () => readonly string[] = () => [],
  ) {
    this.reconciler = new Reconciler(topology, automatic);
  }

  /** Whether its passes still run. */
  get alive(): boolean {
    return Date.now() - this.lastPass < HUNG_MS;
  }

  get state(): ControllerState {
    return {
      leads: this.holds,
      problems: this.holds ? this.problems : 0,
      isPaused: this.lease.notes.paused !== undefined,
      errant: errantOf(this.topology).size,
    };
  }

  /** Runs until it is stopped. */
  async run(): Promise<void> {
    void this.renew();
    while (!this.isOver) {
      if (this.holds)
        await this.lead().catch((error: unknown) =>
          this.tell([error instanceof Refusal ? withCode(error) : String(error)]),
        );
      else this.silentSince = this.blindSince = undefined;
      this.lastPass = Date.now();
      await pause(PASS_MS);
    }
  }

  /** Ends, and releases the lease, so that another controller need not wait until it expires. */
  async stop(): Promise<void> {
    this.isOver = true;
    await this.lease.release();
  }

  private get holds(): boolean {
    return !this.isOver && this.lease.isHeld;
  }

  private async renew(): Promise<void> {
    while (!this.isOver) {
      const held = this.holds;
      const leaves = this.handingOver || performance.now() < this.leavesUntil;
      if (!leaves && (await this.lease.hold().catch(() => false)) && !held) this.topology.log("holds the lease");
      this.watchSettling();
      await pause(RENEW_MS);
    }
  }

  private async lead(): Promise<void> {
    const notes = await this.lease.look();
    this.watchSettling();
    if (await this.handOver()) return;
    if (this.settling !== undefined && this.settlesMs === 0) await this.lease.note({ settling: "" });
    if (notes.paused !== undefined) {
      this.silentSince = undefined;
      this.tell([`paused: ${notes.paused}`]);
      return;
    }
    const asked = Date.now();
    const { isOfUse, seen, primaryLost, problems } = await this.reconciler.pass(notes.rejoin);
    if (notes.rejoin !== undefined && this.reconciler.busy) await this.lease.note({ rejoin: "" });
    if (primaryLost === undefined || !this.automatic)
      this.tell([...problems, ...(primaryLost === undefined ? await this.closeLogs() : [])]);
    // Counted from the beginning of a pass, because a pass takes seconds if a server drops all packets; and not from a previous
    // pass in which another server was still connected to the primary.
    if (isOfUse) this.silentSince = undefined;
    else if (primaryLost === undefined) this.silentSince = asked;
    else this.silentSince ??= asked;
    if (await this.leavesBlind(seen, asked)) return;
    if (primaryLost !== undefined && this.automatic && Date.now() - (this.silentSince ?? 0) >= DEAD_AFTER_MS)
      await this.failOver(primaryLost);
  }

  /** With automatic failover another controller is on standby, and may see more: this one's node may have lost its network, though the API server answers. */
  private async leavesBlind(seen: number, asked: number): Promise<boolean> {
    const { length } = this.topology.servers;
    if (seen * 2 >= length) this.blindSince = undefined;
    else this.blindSince ??= asked;
    if (!this.automatic || this.blindSince === undefined || Date.now() - this.blindSince < BLIND_MS) return false;
    this.topology.log(
      `releases the lease: it has seen ${seen} of ${length} server(s) for ${BLIND_MS / 1000} s, and another controller may see more`,
    );
    this.leavesUntil = performance.now() + LEAVE_MS;
    await this.lease.release();
    return true;
  }

  /** Sees which failover the servers settle after. */
  private watchSettling(): void {
    const note = this.lease.notes.settling;
    if (note !== this.settling?.note)
      this.settling = note === undefined ? undefined : { note, since: performance.now() };
  }

  /** How long the servers still settle. */
  private get settlesMs(): number {
    if (this.settling === undefined) return 0;
    return Math.max(0, COOL_DOWN_MS - (performance.now() - this.settling.since));
  }

  /** Hands the lease to an operator who asks for it. No renewal may happen at the same time. */
  private async handOver(): Promise<boolean> {
    this.handingOver = true;
    try {
      if (!(await this.lease.handOver())) return false;
      this.topology.log(`hands the lease to ${this.lease.holderSeen ?? ""}`);
      return true;
    } finally {
      this.handingOver = false;
    }
  }

  private async failOver(why: string): Promise<void> {
    if (this.settlesMs > 0) {
      this.tell([
        `${why}; the last failover was so recent that the next one waits until the servers have settled, ${COOL_DOWN_MS / 1000} s`,
      ]);
      return;
    }
    const next = await failover(this.topology, { cutOff: "refuse", why });
    this.topology.log(
      `${next} is the primary now, ${((Date.now() - (this.silentSince ?? 0)) / 1000).toFixed(1)} s after the controller noticed that ${why}`,
    );
    this.silentSince = undefined;
  }

  private async closeLogs(): Promise<readonly string[]> {
    return (await this.rotation?.pass(Date.now())) ?? [];
  }

  /** Logs problems, and does not repeat them while they stay the same. */
  private tell(found: readonly string[]): void {
    const problems = [...found, ...this.watched()];
    this.problems = problems.length;
    const text = problems.join("; ");
    if (text === this.told) return;
    this.topology.log(text === "" ? "all servers are as declared" : `problem: ${text}`);
    this.told = text;
  }
}

/** `/` answers whether the controller is alive; `/metrics` has the state of the servers, if the stack has any, and of the backups. */
function serve(controller: Controller | undefined, others: () => Promise<Metric[]>): void {
  http
    .createServer((request, answer) => {
      if (request.url !== "/metrics") {
        answer.writeHead(controller?.alive === false ? 500 : 200).end();
        return;
      }
      others().then(
        (metrics) =>
          answer
            .writeHead(200, { "content-type": "text/plain; version=0.0.4" })
            .end(metricsText(controller?.state, metrics)),
        (error: unknown) => answer.writeHead(500).end(String(error)),
      );
    })
    .listen(CONTROLLER_PORT);
}

function main(): void {
  const settings = JSON.parse(fs.readFileSync(FILES.settings, "utf8")) as Settings;
  const read = (file: string): string => fs.readFileSync(file, "utf8");
  const api = KubernetesApi.inCluster();
  const log = eventLog("mysql-controller");
  const backups = () => orNone(backupMetrics(api, settings.namespace), log);
  if (settings.servers.length === 0) {
    serve(undefined, backups);
    process.on("SIGTERM", () => process.exit(0));
    return;
  }
  const control = parseCredentials(read(FILES.control));
  const lease = new Lease(api, leasePath(settings.namespace, settings.name), os.hostname());
  const topology: Topology = {
    servers: settings.servers.map((name) => {
      const host = `${name}.${settings.hostSuffix}`;
      return new Server(
        name,
        host,
        () => Promise.resolve({ host, port: 3306 }),
        control,
        () => read(FILES.ca),
      ); // the file changes with the ConfigMap
    }),
    declaration: new WriterService(api, settings, lease),
    notebook: lease,
    semiSync: settings.semiSync,
    control,
    replication: parseCredentials(read(FILES.replication)),
    log,
  };
  const certificates = new CertificateWatch(topology.servers);
  certificates.start();
  const rotation =
    settings.rotateLogsSeconds === undefined
      ? undefined
      : new LogRotation(topology.servers, settings.rotateLogsSeconds);
  const copying = rotation === undefined ? [] : settings.servers;
  const shipping = new ShippingWatch(copying, (server) => copiedAt(api, settings.namespace, server));
  shipping.start();
  const controller = new Controller(topology, lease, settings.failover === "automatic", rotation, () => [
    ...certificates.problems(),
    ...shipping.problems(),
  ]);
  serve(controller, async () => [...certificates.metrics(), ...shipping.metrics(), ...(await backups())]);
  process.on(
    "SIGTERM",
    () =>
      void controller
        .stop()
        .catch(() => undefined)
        .finally(() => process.exit(0)),
  );
  void controller.run();
}

if (require.main === module) main();
