import { record, type Recording } from "./recorder";

export type Program = typeof import("../../index");
const program = require.resolve("../../index");

export const store = {
  endpoint: "https://s3.example.com",
  bucket: "backups",
  accessKeyId: "the-key",
  secretAccessKey: "the-secret",
};
export const secretKeys = ["nacos-platform:mysql"];

export function settings(environment: string, more: Record<string, string> = {}): Record<string, string> {
  return {
    "nacos-platform:environment": environment,
    "nacos-platform:kubeContext": "my-cluster",
    "nacos-platform:mysql": JSON.stringify({
      storageClass: "fast",
      ...(environment === "prod" ? { backup: { offsite: store } } : {}),
    }),
    "nacos-platform:nacos": '{"storageClass":"fast"}',
    ...more,
  };
}

/** The program as a stack would run it, from its first line. */
export function start(): Program {
  delete require.cache[program];
  return require(program) as Program; // oxlint-disable-line typescript/no-require-imports -- a program runs when it is loaded
}

/** What is recorded is not changed, and each environment's program is recorded once. */
const recordings = new Map<string, Promise<Recording<Program>>>();

export function run(environment: string): Promise<Recording<Program>> {
  const recording =
    recordings.get(environment) ?? record(start, { stack: environment, config: settings(environment), secretKeys });
  recordings.set(environment, recording);
  return recording;
}

export const external = {
  host: "db.example.com",
  port: 3307,
  caCertificates: "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
  user: "admin",
  password: "the-password",
};

export const exposure = {
  clients: { mode: "loadBalancer", sourceRanges: ["192.0.2.0/24"] },
  console: { mode: "ingress", host: "nacos.example.com", className: "traefik", controllerNamespace: "traefik" },
};

/** Prod with a Nacos that is reached from outside. */
export function runExposed(): Promise<Recording<Program>> {
  const nacos = JSON.stringify({ storageClass: "fast", exposure });
  const config = settings("prod", { "nacos-platform:nacos": nacos });
  const recording = recordings.get("exposed") ?? record(start, { stack: "prod", config, secretKeys });
  recordings.set("exposed", recording);
  return recording;
}

/** Prod with a Nacos that clients reach at a port of every node. */
export function runOnNodePort(): Promise<Recording<Program>> {
  const clients = { mode: "nodePort", sourceRanges: ["192.0.2.0/24"] };
  const nacos = JSON.stringify({ storageClass: "fast", exposure: { clients } });
  return record(start, { stack: "prod", config: settings("prod", { "nacos-platform:nacos": nacos }), secretKeys });
}

/** Prod with an external MySQL. */
export function runExternal(more: Record<string, string> = {}): Promise<Recording<Program>> {
  const mysql = JSON.stringify({ storageClass: "fast", mode: "external", ...external, backup: { offsite: store } });
  return record(start, {
    stack: "prod",
    config: settings("prod", { "nacos-platform:mysql": mysql, ...more }),
    secretKeys,
  });
}

/** Prod whose metrics are collected in this mode. */
export function runMonitored(monitoring: object): Promise<Recording<Program>> {
  const config = settings("prod", { "nacos-platform:monitoring": JSON.stringify(monitoring) });
  return record(start, { stack: "prod", config, secretKeys });
}

/** Prod with an autoscaler for Nacos, and a quota that has room for its largest number of servers. */
export function runAutoscaled(more: Record<string, string> = {}): Promise<Recording<Program>> {
  const nacos = JSON.stringify({ storageClass: "fast", autoscaling: { mode: "enabled" } });
  const tenancy = JSON.stringify({ quota: { requestsMemory: "32000Mi" } });
  return record(start, {
    stack: "prod",
    config: settings("prod", { "nacos-platform:nacos": nacos, "nacos-platform:tenancy": tenancy, ...more }),
    secretKeys,
  });
}
