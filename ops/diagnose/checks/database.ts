import { isReady, isRunning } from "../../../clients/kubernetes/pod-trouble";
import { get, NacosHttp, type Answer } from "../../../runtime/nacos-http";
import { describe } from "../../report";
import { problem, UNREADABLE, type Check, type Found } from "../check";
import { SERVER_MS } from "../world";

/** Counts the configurations in the database. */
const READINESS = { old: get("/nacos/v1/console/health/readiness"), new: get("/nacos/v3/admin/core/state/readiness") };

export interface Said {
  readonly server: string;
  /** Or why there is none. */
  readonly answer: Answer | string;
}

/** What Nacos' servers say of their database. */
export function evaluateDatabase(servers: readonly Said[]): Found {
  const asked = servers.flatMap(({ server, answer }) => (typeof answer === "string" ? [] : [{ server, answer }]));
  if (asked.length === 0)
    throw new Error(
      `no Nacos server answers${servers.map(({ server, answer }) => `; ${server}: ${answer as string}`).join("")}`,
    );
  const without = asked.filter(({ answer }) => !canRead(answer));
  return {
    summary: `${asked.length - without.length} of ${servers.length} Nacos servers reach it`,
    problems: [
      ...without.map(({ server, answer }) =>
        problem(
          without.length === asked.length ? "escalate" : "watch",
          `${server} cannot read its database: ${answer.status} ${answer.text.slice(0, 200)}`,
          "docs/runbooks/incident-mysql.md",
        ),
      ),
      ...servers.flatMap(({ server, answer }) =>
        typeof answer === "string" ? [problem("unknown", `what ${server} says: ${answer}`, UNREADABLE)] : [],
      ),
    ],
  };
}

/** 3.x answers 200 in any case, with a code in the text. */
function canRead({ status, text }: Answer): boolean {
  return status === 200 && !/"code"\s*:\s*[1-9]/.test(text);
}

export const database: Check = {
  name: "database",
  look: async (world) => {
    const [{ servers }, { identity, endpoint }] = await Promise.all([world.nacos(), world.nacosTunnels()]);
    const running = servers.filter(
      ({ pod, name }) => pod !== undefined && isReady(pod) && isRunning(pod, "nacos") && name,
    );
    if (running.length === 0) throw new Error("no Nacos server is ready");
    const said = await Promise.all(
      running.map(async ({ name, host, version }): Promise<Said> => {
        const http = new NacosHttp(host, version, () => identity, await endpoint(name), SERVER_MS);
        return { server: name, answer: await http.ask(READINESS).catch(describe) };
      }),
    );
    return evaluateDatabase(said);
  },
};
