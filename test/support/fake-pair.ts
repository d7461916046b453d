import type { Client, Pair, Tested } from "../contract/mysql-server/pair";
import { serverSet } from "./fake-mysql";
import { CLIENT } from "./fake-replication";
import { GtidSet } from "../../runtime/gtid-set";
import type { FakeServer } from "./fake-server";

/** How many clients a fake server accepts here. */
const FREE = 10;

/** Two fake servers as the contract wants them. */
export function fakePair(): Promise<Pair> {
  const { topology, servers } = serverSet(2);
  for (const server of servers) {
    Object.assign(server, {
      writable: false,
      waitsForReplicas: false,
      replica: undefined,
      executed: GtidSet.empty,
      free: FREE,
    });
    server.knows.push("the client's");
  }
  const [first, second] = servers.map(tested);
  return Promise.resolve({
    topology,
    tested: [first, second],
    client: { user: CLIENT, password: "the client's" },
    remove: () => Promise.resolve(),
  });
}

function tested(server: FakeServer): Tested {
  const does = (action: () => void): Promise<void> => Promise.resolve(action());
  return {
    server,
    connect: (): Promise<Client> =>
      Promise.resolve().then(() => {
        const id = server.open();
        return { id, commit: (row) => server.commit(id, row) };
      }),
    setLocked: (isLocked) => does(() => server.setLocked(isLocked ? ["replica"] : [])),
    purge: () => does(() => Object.assign(server, { purged: server.executed, logs: 1 })),
    logs: () => Promise.resolve(server.logs),
    kill: () => does(() => server.kill()),
    start: () => does(() => server.start()),
  };
}
