import type { Check, Found } from "../check";
import type { World } from "../world";

/** What is read of MySQL's servers, if the stack runs them. */
export function ofOwnMySql(name: string, look: (world: World) => Promise<Found>): Check {
  return {
    name,
    look: (world) =>
      world.cluster.mysql.mode === "external"
        ? Promise.resolve({ summary: "MySQL is external: see check `database`", problems: [] })
        : look(world),
  };
}
