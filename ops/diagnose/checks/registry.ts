import { said, type Look } from "../../nacos/look";
import { differences } from "../../nacos/problems";
import { problem, type Check, type Found } from "../check";

/** Servers exchange instances within 5 to 15 s, so some may be on their way. */
const SHARE = 0.01;
const FIX = "ops nacos status; docs/runbooks/nacos-status.md";
/** Clients by which one server may have more than the others without a word. */
const FEW = 50;

/** Whether all servers have the same services and instances, and about as many clients. */
export function evaluateRegistry(look: Look): Found {
  const known = look.servers.flatMap((server) => {
    const counts = said(server)?.counts;
    return typeof counts === "object" ? [{ name: server.name, ...counts }] : [];
  });
  if (known.length === 0) throw new Error("no Nacos server says how much it has");
  const connections = known.map((one) => one.connections ?? 0);
  const average = connections.reduce((sum, count) => sum + count, 0) / connections.length;
  const [most] = [...known].sort((a, b) => (b.connections ?? 0) - (a.connections ?? 0));
  const { services, instances } = known[0];
  return {
    summary: `${services ?? "?"} services, ${instances ?? "?"} instances, ${Math.round(average)} connections for each server`,
    problems: [
      ...differences(look, "persistent", "persistent instances").map((reason) =>
        problem("watch", `${reason}: the Raft groups do not agree`, FIX),
      ),
      ...differences(look, "services", "services", SHARE).map((reason) => problem("watch", reason, FIX)),
      ...differences(look, "instances", "instances", SHARE).map((reason) => problem("watch", reason, FIX)),
      ...((most.connections ?? 0) > 2 * average && (most.connections ?? 0) > average + FEW
        ? [
            problem(
              "watch",
              `${most.name} has ${most.connections} connections, more than twice the average: restart it, and its clients spread`,
              `kubectl delete pod ${most.name}; docs/runbooks/nacos-status.md`,
            ),
          ]
        : []),
    ],
  };
}

export const registry: Check = {
  name: "registry",
  look: async (world) => evaluateRegistry(await world.nacos()),
};
