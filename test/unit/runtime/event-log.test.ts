import assert from "node:assert/strict";
import { eventLog } from "../../../runtime/event-log";

describe("the log of a program", () => {
  const logged = (message: string): Record<string, string> => {
    const lines: string[] = [];
    const { log } = console;
    console.log = (line: string) => lines.push(line);
    try {
      eventLog("nacos-members")(message);
    } finally {
      console.log = log;
    }
    assert.equal(lines.length, 1);
    assert.doesNotMatch(lines[0], /\n/);
    return JSON.parse(lines[0]) as Record<string, string>;
  };

  it("is one line of JSON for each event, however many lines its text has", () => {
    const { time, ...rest } = logged('"a"\nb');
    assert.deepEqual(rest, { level: "INFO", program: "nacos-members", message: '"a"\nb' });
    assert.ok(Math.abs(Date.parse(time) - Date.now()) < 60_000);
  });

  it("warns of problems", () => assert.equal(logged("problem: no leader").level, "WARN"));
});
