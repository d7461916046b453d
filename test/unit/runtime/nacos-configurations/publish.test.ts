import assert from "node:assert/strict";
import { Conflict, NotPublished, type Publication } from "../../../../runtime/nacos-configurations/api";
import { publishAll, publishedText, type Restored } from "../../../../runtime/nacos-configurations/publish";

const DETAILS = {
  type: "text",
  appName: "",
  description: "",
  use: "",
  effect: "",
  schema: "",
  tags: "",
  encryptedDataKey: "",
};
const one = (dataId: string, md5Now?: string, namespace = "n"): Restored => ({
  configuration: { ...DETAILS, namespace, group: "G", dataId, md5: `then-${dataId}`, content: "" },
  md5Now,
});

interface Options {
  readonly now?: Readonly<Record<string, string>>;
  /** Instead of an answer, by the number of the request. */
  readonly answers?: Readonly<Record<number, (publish: () => void) => Error>>;
  /** How long a request takes, and whether the servers are of 2.x. */
  readonly takesMs?: number;
  readonly isTwo?: boolean;
  /** What servers give to clients, if it is not what the database has. */
  readonly served?: (dataId: string, asked: number) => string | Error;
}

/** A Nacos with a database. */
function nacos({ now = {}, answers = {}, takesMs = 0, isTwo = false, served }: Options = {}) {
  const database = new Map(Object.entries(now));
  const requests: string[] = [];
  const said: string[] = [];
  let reads = 0;
  let time = 0;
  const tools = {
    api: {
      isThree: !isTwo,
      tenantOf: (namespace: string) => namespace,
      publish: ({ dataId, md5 }: Publication, md5Now?: string): Promise<void> => {
        time += takesMs;
        requests.push(`${dataId} ${md5Now ?? "-"}`);
        const write = (): void => void database.set(dataId, md5);
        const error = answers[requests.length]?.(write);
        if (error !== undefined) return Promise.reject(error);
        write();
        return Promise.resolve();
      },
      servedMd5: ({ dataId }: { dataId: string }) => {
        time += takesMs;
        const found = served === undefined ? database.get(dataId) : served(dataId, ++reads);
        return found instanceof Error ? Promise.reject(found) : Promise.resolve(found);
      },
    },
    md5In: (_tenant: string, _group: string, dataId: string) => Promise.resolve(database.get(dataId)),
    now: () => time,
    pause: (milliseconds: number) => Promise.resolve(void (time += milliseconds)),
    say: (line: string) => void said.push(line),
  };
  // eslint-disable-next-line @typescript-eslint/require-await
  async function* list(all: readonly Restored[]): AsyncGenerator<Restored> {
    yield* all;
  }
  return {
    database,
    requests,
    said,
    reads: () => reads,
    time: () => time,
    run: (...all: Restored[]) => publishAll(list(all), tools),
  };
}

const unanswered = (): Error => new Error("connect ECONNREFUSED");

describe("Publishing configurations", () => {
  it("replaces only what was compared", async () => {
    const { run, requests, database, said } = nacos({ now: { a: "now-a", b: "newer-b", c: "newer-c" } });
    const result = await run(one("a", "now-a"), one("b", "now-b"), one("c"), one("d"));
    assert.deepEqual(requests, ["a now-a", "d none"]);
    assert.deepEqual(Object.fromEntries(database), { a: "then-a", b: "newer-b", c: "newer-c", d: "then-d" });
    assert.equal(
      publishedText(result),
      "2 published\n2 failed: somebody has published or deleted it since the comparison: n/G/b, n/G/c",
    );
    assert.deepEqual(said.slice(0, 2), [
      "n/G/a: published",
      "n/G/b: not published: somebody has published or deleted it since the comparison",
    ]);
  });

  it("does not believe a conflict in the default namespace of 3.x if the database has what was compared", async () => {
    const conflict = { now: { a: "now-a" }, answers: { 1: () => new Conflict() } };
    for (const [options, namespace, requests] of [
      [conflict, "public", ["a now-a", "a -"]],
      [conflict, "n", ["a now-a"]],
      [{ ...conflict, isTwo: true }, "public", ["a now-a"]],
    ] as const) {
      const { run, requests: sent } = nacos(options);
      assert.equal((await run(one("a", "now-a", namespace))).failed.length, 2 - requests.length);
      assert.deepEqual(sent, requests);
    }
  });

  it("does not replace what is published while the request is under way", async () => {
    const racing: ReturnType<typeof nacos> = nacos({
      now: { a: "now-a" },
      answers: {
        1: () => {
          racing.database.set("a", "newer-a");
          return new Conflict();
        },
      },
    });
    assert.equal((await racing.run(one("a", "now-a", "public"))).failed.length, 1);
    assert.deepEqual([racing.requests, racing.database.get("a")], [["a now-a"], "newer-a"]);
  });

  it("continues after a refusal, and names its reason once", async () => {
    const { run, requests } = nacos({
      answers: { 1: () => new NotPublished("frozen"), 2: () => new NotPublished("frozen") },
    });
    assert.equal(publishedText(await run(one("a"), one("b"), one("c"))), "1 published\n2 failed: frozen: n/G/a, n/G/b");
    assert.equal(requests.length, 3);
  });

  it("repeats an unanswered request, unless it has arrived", async () => {
    const lost = nacos({ answers: { 1: unanswered, 2: unanswered } });
    assert.equal((await lost.run(one("a"))).count, 1);
    assert.equal(lost.requests.length, 3);
    const arrived = nacos({
      answers: {
        1: (publish) => {
          publish();
          return unanswered();
        },
      },
    });
    assert.equal((await arrived.run(one("a"))).count, 1);
    assert.equal(arrived.requests.length, 1);
  });

  it("ends when nothing answers any more", async () => {
    const answers = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [index + 1, unanswered]));
    for (const takesMs of [0, 60_000]) {
      const { run, time } = nacos({ answers, takesMs });
      assert.equal(
        publishedText(await run(one("a"), one("b"))),
        "0 published\n2 failed: connect ECONNREFUSED: n/G/a, n/G/b",
      );
      assert.ok(time() < 4 * 60_000, `${time()} ms`);
    }
  });

  it("asks for one configuration only while servers do not answer what they give to clients", async () => {
    const { run, reads, time } = nacos({ served: unanswered, takesMs: 60_000 });
    const { failed } = await run(...["a", "b", "c"].map((dataId) => one(dataId)));
    assert.equal(failed.length, 3);
    assert.ok(reads() <= 3 && time() < 10 * 60_000, `${reads()} reads in ${time()} ms`);
  });

  it("reports a content that the database has not taken as it is", async () => {
    const altered: ReturnType<typeof nacos> = nacos();
    const { configuration } = one("a");
    const set = altered.database.set.bind(altered.database);
    altered.database.set = (key) => set(key, "encrypted again");
    const { failed } = await altered.run({ configuration });
    assert.match(failed[0].reason, /the database has md5 encrypted again afterwards, not then-a/);
  });

  it("waits until clients get it", async () => {
    const late = nacos({ served: (dataId, asked) => (asked < 4 ? "old" : `then-${dataId}`) });
    assert.equal(publishedText(await late.run(one("a"), one("b"))), "2 published");
    assert.ok(late.time() > 0);
    const never = nacos({ served: () => "old" });
    assert.match(
      publishedText(await never.run(one("a"))),
      /^1 published\n1 failed: it is published, and a server gives something else to clients: old: n\/G\/a$/,
    );
  });

  it("names some of many", () => {
    const failed = Array.from({ length: 7 }, (_, index) => ({ name: `n/G/${index}`, reason: "r" }));
    assert.equal(
      publishedText({ count: 0, failed }),
      "0 published\n7 failed: r: n/G/0, n/G/1, n/G/2, n/G/3, n/G/4 and 2 more",
    );
  });
});
