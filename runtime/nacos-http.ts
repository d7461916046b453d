import * as fs from "node:fs";
import * as http from "node:http";
import * as path from "node:path";
import { OBJECTS } from "../contract/objects";
import { NACOS_PORTS } from "../contract/ports";

/** How servers of Nacos know each other: a header of any name. A request with it needs no login. */
export interface Identity {
  readonly key: string;
  readonly value: string;
}

/** The identity in a mounted Secret. @param folder where it is mounted @throws Error if it is empty, as that of an optional Secret */
export function mountedIdentity(folder: string): Identity {
  if (fs.readdirSync(folder).length === 0)
    throw new Error(`Nacos is not deployed: Secret ${OBJECTS.nacosAuth} did not exist when this pod began`);
  const read = (key: string): string => fs.readFileSync(path.join(folder, key), "utf8");
  return { key: read("identityKey"), value: read("identityValue") };
}

const ANSWER_MS = 5000;
/** In bytes. The list of all connections of a server has about 1 KB for each. */
const LARGEST_ANSWER = 8 * 1024 * 1024;

/** Where a server's HTTP port is reached. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

export interface Call {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
}

/** The same call of both series. */
export interface Calls {
  readonly old: Call;
  readonly new: Call;
}

/** Form fields, or a text in JSON. */
export type Body = URLSearchParams | string;

export const get = (path: string): Call => ({ method: "GET", path });
export const post = (path: string): Call => ({ method: "POST", path });

/** Whether a server has loaded its registry: it answers 503 until then. It asks no database, and needs no login. */
export const READY = get("/nacos/v1/ns/operator/metrics");

export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** A server answers, and not with what was asked for. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** 3.x puts the answer into an envelope. */
export function opened<T extends object>(answer: T): T {
  return (answer as { readonly data?: T }).data ?? answer;
}

/** The HTTP port of one Nacos server, which is asked as one server asks another. */
export class NacosHttp {
  /** During an upgrade, this server may be of the other series than the version to deploy. Its answers show it. */
  private isOld: boolean;

  /**
   * @param host its name among the servers
   * @param version to deploy: "3.1.2"
   * @param at the end of a tunnel, for a caller outside the cluster
   * @param answerMs how long an answer may take
   * @param answerBytes how long an answer may be
   */
  constructor(
    readonly host: string,
    version: string,
    private readonly identity: () => Identity,
    private readonly at: Endpoint = { host, port: NACOS_PORTS.http },
    private readonly answerMs = ANSWER_MS,
    private readonly answerBytes = LARGEST_ANSWER,
  ) {
    this.isOld = version.startsWith("2.");
  }

  /** The text of an answer. @throws Refused if it is empty or the status is not 200; another error if there is none. */
  async text(calls: Calls, body?: Body): Promise<string> {
    const { status, text, method, path } = await this.ask(calls, body);
    if (status !== 200 || text === "")
      throw new Refused(status, `${this.host} answers ${method} ${path} with ${status}: ${text.slice(0, 200)}`);
    return text;
  }

  /** Asks by the call of the series that the server was last seen to be of, and by the other if it does not have that call. */
  async ask(calls: Calls, body?: Body): Promise<Answer & Call> {
    const isOld = this.isOld;
    const [first, second] = isOld ? [calls.old, calls.new] : [calls.new, calls.old];
    const answer = await this.send(first, body);
    if (!isMissing(answer) || first.path === second.path) return { ...answer, ...first };
    const other = await this.send(second, body);
    // It has the first call, and not what that names.
    if (isMissing(other)) return { ...answer, ...first };
    this.isOld = !isOld;
    return { ...other, ...second };
  }

  send({ method, path }: Call, body?: Body, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const { key, value } = this.identity();
    return new Promise((resolve, reject) => {
      const request = http.request({ ...this.at, path, method, timeout: this.answerMs }, (answer) => {
        const chunks: Buffer[] = [];
        let length = 0;
        answer.on("data", (chunk: Buffer) => {
          chunks.push(chunk);
          if ((length += chunk.length) > this.answerBytes)
            request.destroy(
              new Error(`${this.host} answers ${method} ${path} with more than ${this.answerBytes} bytes`),
            );
        });
        answer.on("error", reject);
        answer.on("end", () => resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
      });
      for (const [name, text] of Object.entries({ ...headers, [key]: value })) request.setHeader(name, text);
      if (body !== undefined) {
        const isForm = body instanceof URLSearchParams;
        request.setHeader("content-type", isForm ? "application/x-www-form-urlencoded" : "application/json");
        request.setHeader("content-length", Buffer.byteLength(body.toString()));
      }
      request.on("timeout", () =>
        request.destroy(new Error(`${this.host} does not answer within ${this.answerMs / 1000} s`)),
      );
      request.on("error", reject);
      request.end(body?.toString());
    });
  }
}

/** Whether a server does not have a call: 3.x answers those of 2.x with 410. */
function isMissing({ status }: Answer): boolean {
  return status === 404 || status === 410;
}
