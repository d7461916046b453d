import * as http from "node:http";
import { AddressInfo } from "node:net";
import { ConfigApi, configApi } from "../../../contract/nacos-api";
import { readSecret } from "../../../sandbox/cluster/kubectl";
import { openForward } from "../../../clients/kubernetes/forward";
import { kubeconfigFrom } from "../../../clients/kubernetes/kubeconfig";
import { Live } from "./environments";

export interface Answer {
  status: number;
  body: string;
}

/** Talks to one Nacos over HTTP, logged in as the administrator by default. */
export class NacosClient {
  private readonly api: ConfigApi;

  private constructor(
    private readonly base: string,
    private readonly headers: Record<string, string>,
    version: string,
  ) {
    this.api = configApi(version);
  }

  /** The stack's Nacos on its port of 127.0.0.1. */
  static async signedIn(environment: Live): Promise<NacosClient> {
    return new NacosClient(
      `http://127.0.0.1:${environment.ports.nacos}`,
      await administrator(environment),
      environment.outputs.nacos.version,
    );
  }

  /** The same Nacos, with these headers in place of the administrator's. */
  static with(environment: Live, headers: Record<string, string>): NacosClient {
    return new NacosClient(`http://127.0.0.1:${environment.ports.nacos}`, headers, environment.outputs.nacos.version);
  }

  /**
   * Calls `use` with a client of one member, which only that pod answers.
   *
   * @param version of the member, if it is not that of the stack
   */
  static async onMember<T>(
    environment: Live,
    pod: string,
    use: (client: NacosClient) => Promise<T>,
    version = environment.outputs.nacos.version,
  ): Promise<T> {
    const server = await openForward(kubeconfigFrom(environment.kubeconfig), {
      listen: 0,
      namespace: environment.outputs.namespace,
      to: { pod },
      port: 8848,
    });
    try {
      return await use(
        new NacosClient(
          `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
          await administrator(environment),
          version,
        ),
      );
    } finally {
      server.close();
    }
  }

  publish(dataId: string, content: string): Promise<Answer> {
    return this.value("POST", this.api.publish, { dataId, [this.api.group]: "DEFAULT_GROUP", content });
  }

  read(dataId: string): Promise<Answer> {
    return this.value("GET", `${this.api.read}?dataId=${dataId}&${this.api.group}=DEFAULT_GROUP`);
  }

  /** The value that was asked for as the body, as 2.x answers; 3.x puts it into an envelope. */
  private async value(method: string, path: string, form?: Record<string, string>): Promise<Answer> {
    const answer = await this.call(method, path, form);
    if (this.api.group === "group" || answer.status !== 200) return answer;
    const { data } = JSON.parse(answer.body) as { data: { content: string } | boolean | null };
    return { status: answer.status, body: typeof data === "object" ? (data?.content ?? "") : String(data) };
  }

  /**
   * Any other call, with a form if it has one. Plain HTTP, because Nacos answers a refused publish before it has read all of it,
   * and fetch treats that as an error.
   */
  call(method: string, path: string, form?: Record<string, string>, timeout = 60_000): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const headers =
        form === undefined ? this.headers : { ...this.headers, "content-type": "application/x-www-form-urlencoded" };
      const request = http.request(this.base + path, { method, headers, agent: false, timeout }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
      });
      request.on("error", reject);
      request.on("timeout", () => request.destroy(new Error(`${method} ${path} was not answered`)));
      request.end(form === undefined ? undefined : new URLSearchParams(form).toString());
    });
  }
}

/** The administrator's user name and password, in the headers that Nacos takes them from. */
export async function administrator(environment: Live): Promise<Record<string, string>> {
  const { namespace, secrets } = environment.outputs;
  const read = (key: string) => readSecret(environment.kubectl, namespace, secrets.nacosAdmin, key);
  return { username: await read("username"), password: await read("password") };
}
