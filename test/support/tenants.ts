import * as pulumi from "@pulumi/pulumi";
import { OUTPUTS_VERSION, type PlatformOutputs } from "../../contract/outputs";
import { record, type Recording } from "./recorder";

/** A recording, and what the program has said in it. */
export type Told<T> = Recording<T> & { readonly said: readonly string[] };

/** Runs something, and collects what it logs. */
export async function listening<T>(
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly said: readonly string[] }> {
  const said: string[] = [];
  const log = pulumi.log as Record<"info" | "warn", (text: string) => Promise<void>>;
  const { info, warn } = log;
  for (const level of ["info", "warn"] as const)
    log[level] = (text) => Promise.resolve(void said.push(`${level}: ${text}`));
  try {
    return { result: await work(), said };
  } finally {
    Object.assign(log, { info, warn });
  }
}

type Main = () => Promise<{
  readonly tenants: Readonly<
    Record<string, { readonly namespace: unknown; readonly secrets: Readonly<Record<string, unknown>> }>
  >;
}>;
const program = require.resolve("../../tenants/index");

/** Outputs of a platform whose MySQL runs in the cluster. */
export const platform: PlatformOutputs = {
  version: OUTPUTS_VERSION,
  namespace: "nacos-dev",
  kubeContext: "my-cluster",
  nacos: {
    version: "3.1.2",
    replicas: 1,
    clientAddress: "nacos.nacos-dev.svc.cluster.local:8848",
    grpcAddress: "nacos.nacos-dev.svc.cluster.local:9848",
    consoleAddress: "nacos-console.nacos-dev.svc.cluster.local:8080",
    services: { client: "nacos", headless: "nacos-headless", console: "nacos-console" },
    destination: {
      pods: { "app.kubernetes.io/name": "nacos", "app.kubernetes.io/component": "server" },
      ports: [8848, 9848],
    },
  },
  mysql: {
    host: "mysql.nacos-dev.svc.cluster.local",
    port: 3306,
    database: "nacos",
    caCertificates: "THE CAS",
    services: { client: "mysql", readers: "mysql-readers", headless: "mysql-headless" },
    destination: {
      pods: { "app.kubernetes.io/name": "mysql", "app.kubernetes.io/component": "server" },
      ports: [3306],
    },
  },
  secrets: {
    nacosAdmin: "nacos-admin",
    nacosAuth: "nacos-auth",
    mysqlRoot: "mysql-root",
    mysqlAdministrator: "mysql-admin",
    mysqlRuntime: "mysql-runtime",
  },
};

/** Those of one whose MySQL is elsewhere. */
export const external: PlatformOutputs = {
  ...platform,
  mysql: {
    ...platform.mysql,
    services: undefined,
    host: "db.example.com",
    port: 3307,
    destination: { cidrs: ["10.1.0.0/24"], ports: [3307] },
  },
};

/** Nothing listens there. */
export const NOWHERE = "127.0.0.1:1";

/** One tenant of each kind. */
export const both = {
  shop: { databases: ["orders", "stocks"] },
  pay: { namespace: { mode: "named", name: "payments" } },
};

export interface TenantsOptions {
  readonly stack?: string;
  /** Of the platform's stack; undefined if there is no such stack. */
  readonly outputs?: object;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** The program as a stack would run it, on a platform with these outputs. */
export async function runTenants(
  settings: Readonly<Record<string, unknown>>,
  options: TenantsOptions = {},
): Promise<Told<Awaited<ReturnType<Main>>>> {
  const { stack = "dev", annotations } = options;
  const outputs = "outputs" in options ? options.outputs : platform;
  const config = Object.entries({ environment: stack, endpoint: NOWHERE, ...settings }).map(([key, value]) => [
    `nacos-tenants:${key}`,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  const admin = Buffer.from(JSON.stringify({ user: "platform_admin", password: "ADMIN" })).toString("base64");
  const { result, said } = await listening(() =>
    record(
      async () => {
        delete require.cache[program];
        return (require(program) as Main)(); // oxlint-disable-line typescript/no-require-imports -- a program runs when it is loaded
      },
      {
        project: "nacos-tenants",
        stack,
        config: Object.fromEntries(config) as Record<string, string>,
        found: {
          platform: { outputs, secretOutputNames: [] },
          administrator: { data: { "admin.json": admin } },
          "pay-named": { metadata: { name: "payments", annotations } },
        },
        call: () => {
          // As the engine does.
          if (outputs === undefined)
            throw Object.assign(new Error(), {
              details:
                'invocation of pulumi:pulumi:readStackOutputs returned an error: unknown stack "organization/nacos-platform/dev"',
            });
          return { outputs };
        },
      },
    ),
  );
  return { ...result, said };
}
