import { pause } from "../../../clients/pause";
import { clusterOf } from "../../cluster";
import { columns } from "../../columns";
import { command } from "../../command";
import { groups } from "../groups";
import type { Look } from "../look";
import { withNacos } from "../members";
import { countProblems, problems } from "../problems";
import { groupRows, serverRows } from "../rows";

/** A server counts its configurations every 10 s. */
const COUNTED_MS = 12_000;

/** The servers as they are now. If their counts differ, they are read again: one server may have counted before a change. */
export async function settledLook(
  look: () => Promise<Look>,
  wait: (milliseconds: number) => Promise<void>,
): Promise<Look> {
  const first = await look();
  if (countProblems(first).length === 0) return first;
  await wait(COUNTED_MS);
  return look();
}

/** What the command prints. @param now in milliseconds since 1970 */
export function statusText(look: Look, now: number): { readonly text: string; readonly isGood: boolean } {
  const { recorded, settings } = look;
  const all = groups(look);
  const found = problems(look, now);
  const lines = [
    columns(serverRows(look)),
    "",
    ...(all.length === 0 ? [] : [columns(groupRows(all, settings)), ""]),
    `members: ${recorded.members} of wanted ${recorded.wanted}`,
    ...found.map((problem) => `problem: ${problem}`),
  ];
  return { text: lines.join("\n"), isGood: found.length === 0 };
}

export const statusCommand = command({
  summary: "show what every Nacos server is and sees, the Raft groups, and what is wrong",
  run: ({ stack }) =>
    withNacos(clusterOf(stack), async (members) => {
      const look = await settledLook(() => members.look(), pause);
      const { text, isGood } = statusText(look, Date.now());
      console.log(text);
      if (!isGood) process.exitCode = 1;
    }),
});
