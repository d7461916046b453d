import * as http from "node:http";
import type { AddressInfo } from "node:net";

/** A request that the API received. */
export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body?: Readonly<Record<string, string>>;
}

/** An API that answers what a test says; what the test did not foresee is answered with 500. */
export class ApiServer {
  readonly received: Received[] = [];
  private readonly server = http.createServer((request, response) => {
    let text = "";
    request.on("data", (chunk: Buffer) => (text += chunk.toString()));
    request.on("end", () => {
      const { method = "", url = "", headers } = request;
      this.received.push({
        method,
        url,
        headers,
        ...(text === "" ? {} : { body: JSON.parse(text) as Received["body"] }),
      });
      const known = Object.hasOwn(this.answers, `${method} ${url}`);
      const answer = this.answers[`${method} ${url}`];
      response.writeHead(!known ? 500 : answer === undefined ? 404 : 200).end(JSON.stringify(answer ?? {}));
    });
  });

  /** @param answers by method and path: `GET /user`; undefined means that there is no such object */
  constructor(private readonly answers: Readonly<Record<string, unknown>>) {}

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  /** What was written, without the texts. */
  get written(): string[] {
    return this.received.filter(({ method }) => method !== "GET").map(({ method, url }) => `${method} ${url}`);
  }
}
