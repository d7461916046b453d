import { lookup } from "node:dns/promises";
import * as fs from "node:fs";
import * as path from "node:path";
import { parseCredentials } from "../../contract/credentials";
import { NACOS_PORTS } from "../../contract/ports";
import { mountedIdentity, NacosHttp } from "../nacos-http";
import { RegistryApi } from "../nacos-registry/api";
import { readLines } from "./folder";
import type { Login } from "./server";

/** What the steps have in their containers. */
export const FOLDERS = { work: "/work", store: "/backups" } as const;

/** The file from which Kubernetes reads a container's termination message. */
const MESSAGE = "/dev/termination-log";

/** @throws Error if an environment variable is not set */
export function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`the environment variable ${name} is not set`);
  return value;
}

/** A variable that an operator's command sets; undefined if it is empty. */
export function optionalSetting(name: string): string | undefined {
  return process.env[name] === "" ? undefined : process.env[name];
}

/** The words of an environment variable, separated by spaces. */
export function words(name: string): string[] {
  return setting(name)
    .split(" ")
    .filter((word) => word !== "");
}

export function login(): Login {
  return {
    credentials: parseCredentials(fs.readFileSync("/credentials/credentials.json", "utf8")),
    ca: fs.readFileSync("/ca/ca.crt", "utf8"),
  };
}

/** How long a call of the registry may take: Nacos waits up to 10 s until Raft has written something. */
const REGISTRY_ANSWER_MS = 15_000;
/** Its largest answer is the list of a namespace's services, with about 200 bytes for each. */
const REGISTRY_ANSWER_BYTES = 32 * 2 ** 20;

/** The HTTP port of the stack's Nacos. @param host the Service, or one server */
export function nacosHttp(answerMs: number, answerBytes: number, host = setting("NACOS_HOST")): NacosHttp {
  const identity = () => mountedIdentity("/identity");
  const at = { host, port: NACOS_PORTS.http };
  return new NacosHttp("Nacos", setting("NACOS_VERSION"), identity, at, answerMs, answerBytes);
}

/** The registry of the stack's Nacos, by its servers' addresses. */
export function nacosRegistry(): RegistryApi {
  return new RegistryApi(async () => {
    const servers = await lookup(setting("NACOS_SERVERS"), { all: true });
    return servers.map(({ address }) => nacosHttp(REGISTRY_ANSWER_MS, REGISTRY_ANSWER_BYTES, address));
  });
}

/** Kubernetes keeps at most this many bytes, from the end. */
const MESSAGE_BYTES = 4096;

/** Prints the result of a container. @param part that is kept as its last message if the text is too long */
export function conclude(text: string, part: "beginning" | "end" = "end"): void {
  process.stdout.write(`${text}\n`);
  fs.writeFileSync(MESSAGE, part === "end" ? text : Buffer.from(text).subarray(0, MESSAGE_BYTES));
}

/** The faults that earlier steps have found. The last step reports all of them together. */
export function faults(): string[] {
  return readLines(FOLDERS.work, "faults");
}

export function addFaults(found: readonly string[]): void {
  for (const fault of found) process.stderr.write(`${fault}\n`);
  fs.appendFileSync(path.join(FOLDERS.work, "faults"), found.map((fault) => `${fault}\n`).join(""));
}
