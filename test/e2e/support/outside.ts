import { requireCluster } from "../../../sandbox/cluster/cluster";
import { Place } from "../../../sandbox/cluster/place";
import { run } from "../../../sandbox/exec";
import type { Environment } from "./environments";
import type { Answer } from "./nacos-client";

/** A request, for the script below. */
interface Request {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly form?: Readonly<Record<string, string>>;
  /** Address that it comes from; absent for the machine's first one. */
  readonly localAddress?: string;
}

/** Reads a request and prints the answer, in JSON: a password is on no command line. `HTTP2` asks only for the greeting of gRPC. */
const SCRIPT = `
  const { url, method, headers, form, localAddress } = JSON.parse(require("fs").readFileSync(0, "utf8"));
  const say = (answer) => { console.log(JSON.stringify(answer)); process.exit(); };
  const fail = (error) => { console.error(error.message); process.exit(1); };
  setTimeout(() => fail(new Error("no answer from " + url)), 5000);
  if (method === "HTTP2")
    require("http2").connect(url, { localAddress }).on("error", fail).on("remoteSettings", () => say({ status: 200, body: "" }));
  else {
    const type = form === undefined ? {} : { "content-type": "application/x-www-form-urlencoded" };
    const request = require("http").request(url, { method, localAddress, headers: { ...headers, ...type } }, (answer) => {
      let body = "";
      answer.setEncoding("utf8").on("data", (text) => { body += text; }).on("end", () => say({ status: answer.statusCode, body }));
    });
    request.on("error", fail).end(form === undefined ? undefined : new URLSearchParams(form).toString());
  }`;

/** A machine next to the nodes of an embedded cluster, and no part of it: no pod, no node. Nothing leaves the cluster's network namespaces. */
export class Outside {
  private readonly netns: string;

  constructor({ cluster }: Environment) {
    this.netns = new Place(requireCluster(cluster), "control-plane").netns;
  }

  /** @throws if nothing answers within 5 s */
  async call(request: Request): Promise<Answer> {
    const input = JSON.stringify(request);
    const script = ["--net=/run/netns/" + this.netns, process.execPath, "-e", SCRIPT];
    return JSON.parse(await run("nsenter", script, { input })) as Answer;
  }

  /** Does something while the machine has a further address. */
  async withAddress<T>(address: string, work: () => Promise<T>): Promise<T> {
    const change = (verb: string) => run("ip", ["-netns", this.netns, "address", verb, `${address}/24`, "dev", "br0"]);
    await change("replace");
    try {
      return await work();
    } finally {
      await change("delete");
    }
  }
}
