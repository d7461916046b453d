import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { createConnection, type Connection, type RowDataPacket } from "mysql2/promise";
import { initSql } from "../../../components/mysql/bootstrap-accounts";
import { leastMemoryMiB, myCnf, MYSQL_PATHS } from "../../../components/mysql/my-cnf";
import { ACCOUNTS } from "../../../contract/accounts";
import { MYSQL_PORT } from "../../../contract/ports";
import { MIB } from "../../../contract/quantity";

/** Of every account. */
export const PASSWORD = "it's";
/** A client's account, which may not administrate. */
export const CLIENT = { user: "client", password: PASSWORD };
const CONNECTIONS = 20;
const START_MS = 60_000;
/** As in the image. */
export const MYSQL_UID = 999;

/**
 * Real servers of MySQL, each with the options, accounts and start script of production, in a root folder that is unpacked
 * from the image. They listen at addresses of this machine's loopback interface, because replication and clones name port 3306.
 */
export class Installation {
  private readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), "mysqld-"));
  private readonly servers: Mysqld[] = [];
  private started = 0;

  /** @param archive the image of MySQL, as `docker save` writes it. Only root can use it: the servers' paths are those of the image. */
  constructor(archive: string) {
    const image = this.path("image");
    fs.mkdirSync(image);
    tar("-x", "-f", archive, "-C", image);
    const [{ Layers: layers }] = JSON.parse(fs.readFileSync(path.join(image, "manifest.json"), "utf8")) as [
      { Layers: string[] },
    ];
    const root = this.path("unpacked");
    fs.mkdirSync(root);
    for (const layer of layers) tar("-x", "-f", path.join(image, layer), "-C", root);
    fs.rmSync(image, { recursive: true });
    this.openssl("req", "-x509", ...KEY, "-keyout", "ca.key", "-out", "ca.crt", "-days", "2", "-subj", "/CN=ca");
    put(root, "config/my.cnf", OPTIONS);
    put(root, "init/init.sql", STATEMENTS);
    put(
      root,
      "scripts/start-mysql.sh",
      fs.readFileSync(path.join(__dirname, "../../../components/mysql/scripts/start-mysql.sh"), "utf8"),
    );
    // Data for all servers: they start in a fraction of the time. The script would do the same.
    fs.mkdirSync(path.join(root, MYSQL_PATHS.temporary));
    fs.chownSync(path.join(root, MYSQL_PATHS.temporary), MYSQL_UID, MYSQL_UID);
    execFileSync("chroot", [...inside(root), "mysqld", "--defaults-file=/config/my.cnf", "--initialize-insecure"], {
      env: ENVIRONMENT,
      stdio: "pipe",
    });
    fs.rmSync(path.join(root, MYSQL_PATHS.data, "auto.cnf")); // each server gets another UUID
    fs.renameSync(path.join(root, MYSQL_PATHS.data), this.path("data"));
  }

  /** The CA that signs the servers' certificates, PEM. */
  get ca(): string {
    return fs.readFileSync(this.path("ca.crt"), "utf8");
  }

  /** Starts another server, without transactions. */
  async start(): Promise<Mysqld> {
    const number = ++this.started;
    const host = `127.${64 + ((process.pid >> 8) & 63)}.${process.pid & 255}.${number}`;
    const root = this.unpack(`server-${number}`);
    execFileSync("cp", ["-a", this.path("data"), path.join(root, MYSQL_PATHS.data)]);
    fs.rmSync(path.join(root, "config/my.cnf")); // the link
    put(root, "config/my.cnf", `${OPTIONS}bind_address=${host}\n`);
    this.openssl(
      "req",
      ...KEY,
      "-keyout",
      "server.key",
      "-out",
      "server.csr",
      "-subj",
      "/CN=mysql",
      "-addext",
      `subjectAltName=IP:${host},DNS:mysql-${number}`,
    );
    this.openssl(
      "x509",
      "-req",
      "-in",
      "server.csr",
      "-CA",
      "ca.crt",
      "-CAkey",
      "ca.key",
      "-days",
      "1",
      "-copy_extensions",
      "copy",
      "-out",
      "server.crt",
    );
    for (const [from, to] of [
      ["ca.crt", "ca.crt"],
      ["server.crt", "tls.crt"],
      ["server.key", "tls.key"],
    ])
      put(root, `tls/${to}`, fs.readFileSync(this.path(from), "utf8"));
    fs.symlinkSync(".", path.join(root, "tls/..data")); // as in the volume of a Secret
    fs.chownSync(path.join(root, "tls/tls.key"), MYSQL_UID, MYSQL_UID);
    const server = new Mysqld(root, host, `mysql-${number}`);
    this.servers.push(server);
    await server.start();
    return server;
  }

  /** Another root folder with what is in the image. */
  unpack(name: string): string {
    execFileSync("cp", ["-al", this.path("unpacked"), this.path(name)]); // hard links: nobody writes to programs
    return this.path(name);
  }

  async remove(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.remove()));
    fs.rmSync(this.folder, { recursive: true, force: true });
  }

  private path(name: string): string {
    return path.join(this.folder, name);
  }

  private openssl(...args: string[]): void {
    execFileSync("openssl", args, { cwd: this.folder, stdio: "pipe" });
  }
}

const KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

function tar(...args: string[]): void {
  execFileSync("tar", args, { stdio: "pipe" });
}

export function put(root: string, file: string, text: string): void {
  fs.mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  fs.writeFileSync(path.join(root, file), text);
}

function inside(root: string): string[] {
  return [`--userspec=${MYSQL_UID}:${MYSQL_UID}`, root];
}

const ENVIRONMENT = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" };
const OPTIONS = myCnf({
  memoryLimitBytes: leastMemoryMiB(CONNECTIONS) * MIB,
  maxConnections: CONNECTIONS,
  binlogRetentionHours: 1,
  servers: 2,
  semiSync: "required",
});
/**
 * The accounts that every server creates, those of replication and of clients, and clients' table. Without the binary log: each
 * server starts without transactions.
 */
const STATEMENTS =
  initSql(Object.fromEntries(Object.keys(ACCOUNTS).map((key) => [key, "it''s"])) as Parameters<typeof initSql>[0]) +
  [
    `CREATE USER IF NOT EXISTS '${ACCOUNTS.replication}'@'%' IDENTIFIED BY 'it''s' REQUIRE SSL;`,
    `GRANT REPLICATION SLAVE ON *.* TO '${ACCOUNTS.replication}'@'%';`,
    `CREATE USER IF NOT EXISTS '${CLIENT.user}'@'%' IDENTIFIED BY 'it''s';`,
    `GRANT ALL PRIVILEGES ON contract.* TO '${CLIENT.user}'@'%';`,
    "CREATE DATABASE IF NOT EXISTS contract;",
    "CREATE TABLE IF NOT EXISTS contract.items (name VARCHAR(64) PRIMARY KEY);",
    "",
  ].join("\n");

/** A server of MySQL, run by the start script of production. */
export class Mysqld {
  private process: ChildProcess | undefined;

  constructor(
    readonly root: string,
    readonly host: string,
    readonly name: string,
  ) {}

  /** Starts it, as soon as an earlier process of it has ended. @throws if the server accepts no login in time. */
  async start(): Promise<void> {
    await this.ended();
    const log = fs.openSync(path.join(this.root, "log"), "a");
    // With its own host name, as in a pod.
    const named = ["--uts", "sh", "-c", 'hostname "$HOSTNAME" && exec chroot "$@"', "sh"];
    this.process = spawn("unshare", [...named, ...inside(this.root), "bash", "/scripts/start-mysql.sh"], {
      env: { ...ENVIRONMENT, HOSTNAME: this.name },
      stdio: ["ignore", log, log],
    });
    fs.closeSync(log);
    for (const deadline = Date.now() + START_MS; ; await new Promise((resolve) => setTimeout(resolve, 100))) {
      const connection = await this.connect().catch(() => undefined);
      if (connection !== undefined) return connection.end();
      if (this.hasEnded || Date.now() > deadline)
        throw new Error(`${this.name} did not start:\n${fs.readFileSync(path.join(this.root, "log"), "utf8")}`);
    }
  }

  /** A client's connection. */
  connect(): Promise<Connection> {
    return createConnection({ host: this.host, port: MYSQL_PORT, ...CLIENT, ssl: { rejectUnauthorized: false } });
  }

  /** Runs a statement as root, over the socket, without the binary log. */
  async administrate(statement: string): Promise<RowDataPacket[]> {
    const connection = await createConnection({
      socketPath: path.join(this.root, MYSQL_PATHS.socket),
      user: ACCOUNTS.root,
      password: PASSWORD,
    });
    try {
      await connection.query("SET sql_log_bin = 0");
      return (await connection.query<RowDataPacket[]>(statement))[0];
    } finally {
      await connection.end();
    }
  }

  async kill(): Promise<void> {
    if (!this.hasEnded) this.process?.kill("SIGKILL");
    await this.ended();
  }

  /** Ends it, and deletes its data. */
  async remove(): Promise<void> {
    await this.kill();
    fs.rmSync(this.root, { recursive: true, force: true });
  }

  private async ended(): Promise<void> {
    if (this.process !== undefined && !this.hasEnded) await once(this.process, "exit");
  }

  private get hasEnded(): boolean {
    return this.process === undefined || this.process.exitCode !== null || this.process.signalCode !== null;
  }
}
