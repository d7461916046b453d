import type { Server } from "./cluster";

const AT_ONCE = 20;

/**
 * Tells clients of a server to use another one, some at a time.
 *
 * @param to host of the other server
 * @param until when to stop, by `now`
 * @returns how many of them the server has told
 */
export async function moveClients(
  server: Pick<Server, "moveClient">,
  ids: readonly string[],
  { to, now, until }: { readonly to: string; readonly now: () => number; readonly until: number },
): Promise<number> {
  let told = 0;
  for (let at = 0; at < ids.length && now() < until; at += AT_ONCE) {
    const results = await Promise.allSettled(ids.slice(at, at + AT_ONCE).map((id) => server.moveClient(id, to)));
    told += results.filter(({ status }) => status === "fulfilled").length;
  }
  return told;
}
