import * as fs from "node:fs";
import * as https from "node:https";

/** An error answer of the API server. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** Whether the same request may succeed later. */
export function mayPass(error: unknown): boolean {
  return !(error instanceof ApiError) || error.status >= 500 || error.status === 429;
}

/** The requested object, or undefined if the API server has no such object. */
export function ifThere<T>(asked: Promise<T>): Promise<T | undefined> {
  return asked.catch((error: unknown) => {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  });
}

type Options = https.RequestOptions;

const ANSWER_MS = 5000;

/** The API server, by plain requests: a pod needs no more, and its code should stay small. */
export class KubernetesApi {
  private readonly agent: https.Agent;

  /**
   * @param server URL of the API server
   * @param options TLS and authentication: CA, client certificate, headers; read again for every request, because tokens expire
   * @param maxSockets how many requests run at the same time; the others wait
   */
  constructor(
    private readonly server: string,
    private readonly options: () => Promise<Options>,
    maxSockets = 4,
  ) {
    this.agent = new https.Agent({ keepAlive: true, maxSockets });
  }

  /** The API server of the cluster that this code runs in, as the pod's service account. It is reached by its IP address: a failover must not wait for DNS. */
  static inCluster(): KubernetesApi {
    const { KUBERNETES_SERVICE_HOST: host = "", KUBERNETES_SERVICE_PORT: port } = process.env;
    const account = "/var/run/secrets/kubernetes.io/serviceaccount";
    const ca = fs.readFileSync(`${account}/ca.crt`);
    return new KubernetesApi(`https://${host.includes(":") ? `[${host}]` : host}:${port}`, () =>
      Promise.resolve({ ca, headers: { authorization: `Bearer ${fs.readFileSync(`${account}/token`, "utf8")}` } }),
    );
  }

  get<T>(path: string): Promise<T> {
    return this.request("GET", path);
  }

  /** JSON merge patch; with `resourceVersion` in its metadata it is refused (409) if the object has changed since. */
  patch<T>(path: string, body: object): Promise<T> {
    return this.request("PATCH", path, body, "application/merge-patch+json");
  }

  create<T>(path: string, body: object): Promise<T> {
    return this.request("POST", path, body, "application/json");
  }

  /** Server-side apply as a field manager, which may take fields from others (force). With `onlyCheck` it only checks that the API server would accept it. */
  apply<T>(path: string, manager: string, object: object, { onlyCheck = false } = {}): Promise<T> {
    return this.request(
      "PATCH",
      `${path}?fieldManager=${encodeURIComponent(manager)}&force=true${onlyCheck ? "&dryRun=All" : ""}`,
      object,
      "application/apply-patch+yaml",
    );
  }

  /** @param dependents what happens to the objects that this object owns */
  delete<T>(path: string, dependents: "Background" | "Orphan" = "Background"): Promise<T> {
    return this.request("DELETE", path, { propagationPolicy: dependents }, "application/json");
  }

  /** The same as {@link get}, for answers that are text. */
  async text(path: string): Promise<string> {
    return (await this.send("GET", path)).toString();
  }

  private async request<T>(method: string, path: string, body?: object, type?: string): Promise<T> {
    const answer = (await this.send(method, path, body, type)).toString();
    try {
      return JSON.parse(answer) as T;
    } catch {
      throw new Error(
        `${this.server} answers ${method} ${path} with something that is not JSON: is it an API server? ${answer.slice(0, 80)}`,
      );
    }
  }

  private async send(method: string, path: string, body?: object, type?: string): Promise<Buffer> {
    const { headers, ...rest } = await this.options();
    const content = body === undefined ? undefined : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const request = https.request(
        this.server.replace(/\/$/, "") + path,
        {
          agent: this.agent,
          ...rest,
          method,
          timeout: ANSWER_MS,
          headers: {
            ...(headers as Record<string, string> | undefined),
            accept: "*/*",
            ...(content === undefined ? {} : { "content-type": type, "content-length": Buffer.byteLength(content) }),
          },
        },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on("data", (chunk: Buffer) => chunks.push(chunk));
          answer.on("error", reject);
          answer.on("end", () => {
            const status = answer.statusCode ?? 0;
            const text = Buffer.concat(chunks);
            if (status >= 200 && status < 300) resolve(text);
            else reject(new ApiError(status, `${method} ${path}: ${status} ${messageOf(text.toString())}`));
          });
        },
      );
      request.on("timeout", () =>
        request.destroy(new Error(`no answer to ${method} ${path} within ${ANSWER_MS / 1000} s`)),
      );
      request.on("error", (error) => {
        // The API server closed a kept connection just as it was used again.
        if (method === "GET" && request.reusedSocket && (error as NodeJS.ErrnoException).code === "ECONNRESET")
          this.send(method, path).then(resolve, reject);
        else
          reject(
            new Error(
              `the API server ${this.server}: ${error instanceof AggregateError ? error.errors.map(String).join(", ") : error.message}`,
              { cause: error },
            ),
          );
      });
      request.end(content);
    });
  }
}

function messageOf(text: string): string {
  try {
    return (JSON.parse(text) as { message?: string }).message ?? text;
  } catch {
    return text;
  }
}
