import { strict as assert } from "node:assert";
import { randomBytes } from "node:crypto";
import { Connection, createConnection, RowDataPacket } from "mysql2/promise";
import { Bag, Config, Plugin } from "./plugin";

/**
 * A MySQL server, 8.4 or later, and an administrator who may read the system tables there, and create accounts, roles,
 * databases whose names begin with `contract_`, and grants on those.
 */
export interface ServerAddress {
  host: string;
  port: number;
  user: string;
  password: string;
  /** Whether the server requires encrypted connections. */
  tls?: "false" | "skip-verify";
}

/** Settings for a provider whose server is unreachable. */
export const NOWHERE: Config = { endpoint: "127.0.0.1:1" };

/** A server under test, a plugin that is configured for it, and an administrator's own connection to it. */
export class Server {
  /** Prefix of every name that the tests create, so that they can share a server with others. */
  readonly prefix = `contract_${randomBytes(3).toString("hex")}`;
  private readonly plugins: Plugin[] = [];

  private constructor(
    readonly address: ServerAddress,
    readonly administrator: Connection,
    private readonly pluginFile?: string,
  ) {}

  static async at(address: ServerAddress, pluginFile?: string): Promise<Server> {
    return new Server(address, await connection(address, address.user, address.password), pluginFile);
  }

  get plugin(): Plugin {
    return this.plugins[0];
  }

  /** Another plugin, as the engine starts one for each provider. */
  async started(changed: Config = {}): Promise<Plugin> {
    const plugin = await Plugin.start(this.pluginFile);
    this.plugins.push(plugin);
    await plugin.configure(this.config(changed));
    return plugin;
  }

  config(changed: Config = {}): Config {
    const { host, port, user, password, tls = "false" } = this.address;
    return { endpoint: `${host}:${port}`, username: user, password, tls, ...changed };
  }

  /** Asserts that the action fails, and not before the plugin has retried for its full time. */
  async givesUp(plugin: Plugin, action: (plugin: Plugin) => Promise<unknown>, reason: RegExp): Promise<void> {
    const begun = Date.now();
    await assert.rejects(action(plugin), reason);
    assert.ok(Date.now() - begun >= plugin.retryMs, "it gave up early");
  }

  async ask(sql: string): Promise<RowDataPacket[]> {
    return (await this.administrator.query<RowDataPacket[]>(sql))[0];
  }

  /** What an account may do, as text. */
  async grantsOf(account: string): Promise<string> {
    return (await this.ask(`SHOW GRANTS FOR ${account}`)).map((row) => Object.values(row).join()).join("\n");
  }

  async signIn(user: string, password: string): Promise<void> {
    await (await connection(this.address, user, password)).end();
  }

  database(name: string): Bag {
    return { name: `${this.prefix}_${name}`, defaultCharacterSet: "utf8mb4", defaultCollation: "utf8mb4_bin" };
  }

  user(name: string, more: Bag = {}): Bag {
    return { user: `${this.prefix}_${name}`, host: "%", plaintextPassword: "first", ...more };
  }

  /** Removes what the tests created and stops the plugins. */
  async clean(): Promise<void> {
    for (const plugin of this.plugins) plugin.stop();
    for (const { name } of await this.ask(
      `SELECT schema_name AS name FROM information_schema.schemata WHERE schema_name LIKE '${this.prefix}%'`,
    ))
      await this.ask(`DROP DATABASE \`${name}\``);
    for (const { name, host } of await this.ask(
      `SELECT user AS name, host FROM mysql.user WHERE user LIKE '${this.prefix}%'`,
    ))
      await this.ask(`DROP USER '${name}'@'${host}'`);
    await this.administrator.end();
  }
}

function connection({ host, port, tls }: ServerAddress, user: string, password: string): Promise<Connection> {
  return createConnection({
    host,
    port,
    user,
    password,
    ...(tls === "skip-verify" && { ssl: { rejectUnauthorized: false } }),
  });
}
