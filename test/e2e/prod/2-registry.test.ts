import assert from "node:assert/strict";
import { waitFor } from "../../../sandbox/exec";
import { live, type Live, prod } from "../support/environments";
import { evenClients, wholeMembership } from "../support/members";
import { primaryOf, whole } from "../support/ops";
import { assertUnnoticed, assertUnnoticedBut, checkRegistry, described, RegistryWatch } from "../support/registry";

const members = ["nacos-0", "nacos-1", "nacos-2"];
const mysqlServers = ["mysql-0", "mysql-1", "mysql-2"];

/** Enough connections to see how they are spread. */
const CROWD = 60;

/** How long MySQL is down in the drill, in seconds. */
const AWAY_SECONDS = Number(process.env.MYSQL_AWAY_SECONDS ?? "300");

describe("the registry in prod, seen by clients of the SDK", () => {
  let environment: Live;

  before(async () => {
    environment = await live(prod);
  });

  const namespaced = (...args: string[]) =>
    environment.kubectl(["--namespace", environment.outputs.namespace, ...args]);
  const nodeOf = (pod: string) => namespaced("get", "pod", pod, "-o", "jsonpath={.spec.nodeName}");
  const rolledOut = () => namespaced("rollout", "status", "statefulset/nacos", "--timeout=600s");

  it("has at each member what was registered and published at another, and loses what was deregistered", async () => {
    const checked = await checkRegistry(prod, environment, members);
    assert.equal(checked.length, members.length);
    console.log(
      `      ${checked.map(({ discoveredMs, goneMs, deliveredMs }) => `discovered ${String(discoveredMs)}, gone ${String(goneMs)}, delivered ${String(deliveredMs)} ms`).join("; ")}`,
    );
  });

  it("loses no instance and no publish while every server restarts, and spreads the clients afterwards @drill", async () => {
    await RegistryWatch.whileAtWork(
      prod,
      environment,
      async (watch) => {
        const seen = await watch.during(async () => {
          await namespaced("rollout", "restart", "statefulset/nacos");
          await rolledOut();
        });
        console.log(`      rolling restart: ${described(seen)}`);
        assertUnnoticed(seen);
        assert.ok(seen.connects >= CROWD, "few connections had to move, so little was tested");
        const spread = await watch.during(async () => {
          const counts = await evenClients(environment, members);
          console.log(`      clients of each server: ${counts.join(", ")}`);
        });
        console.log(`      spread: ${described(spread)}`);
        assertUnnoticed(spread);
      },
      { crowd: CROWD },
    );
    await wholeMembership(environment, members);
  });

  it("loses no instance and no publish while a node is drained @drill", async () => {
    await whole(environment);
    const dns = await environment.kubectl([
      "--namespace",
      "kube-system",
      "get",
      "pods",
      "--selector",
      "k8s-app=kube-dns",
      "-o",
      "jsonpath={.items[*].spec.nodeName}",
    ]);
    const primary = await nodeOf(await primaryOf(environment));
    // The embedded cluster has one DNS server only, a production cluster has two; MySQL's switchover has separate tests.
    const drained = (await Promise.all(members.map(nodeOf))).find(
      (node) => ![...dns.split(" "), primary].includes(node),
    );
    assert.ok(drained !== undefined);
    await RegistryWatch.whileAtWork(
      prod,
      environment,
      async (watch) => {
        try {
          const seen = await watch.during(async () => {
            await environment.kubectl([
              "drain",
              drained,
              "--ignore-daemonsets",
              "--delete-emptydir-data",
              "--timeout=300s",
            ]);
          });
          console.log(`      drain: ${described(seen)}`);
          assertUnnoticed(seen);
        } finally {
          await environment.kubectl(["uncordon", drained]);
        }
        const back = await watch.during(async () => void (await rolledOut()));
        console.log(`      its return: ${described(back)}`);
        assertUnnoticed(back);
      },
      { node: primary },
    );
    await wholeMembership(environment, members);
    await whole(environment);
  });

  it("continues with everything except publishing while MySQL is down, and publishes again when it is back @drill", async () => {
    const state = () =>
      namespaced(
        "get",
        "pods",
        ...members,
        "-o",
        "jsonpath={range .items[*].status.containerStatuses[*]}{.ready} {.restartCount};{end}",
      );
    const before = await state();
    assert.match(before, /^(true \d+;){3}$/);
    await RegistryWatch.whileAtWork(prod, environment, async (watch) => {
      const seen = await watch.during(async () => {
        try {
          await namespaced("scale", "statefulset/mysql", "--replicas=0");
          await namespaced("wait", "--for=delete", ...mysqlServers.map((pod) => `pod/${pod}`), "--timeout=120s");
          const until = Date.now() + AWAY_SECONDS * 1000;
          await waitFor(
            "MySQL's downtime to be over",
            AWAY_SECONDS + 60,
            async () => {
              assert.equal(await state(), before);
              return Date.now() > until;
            },
            2000,
          );
        } finally {
          await namespaced("scale", "statefulset/mysql", `--replicas=${mysqlServers.length}`);
        }
        await namespaced("rollout", "status", "statefulset/mysql", "--timeout=300s");
      });
      const refused = seen.troubles.filter(({ event }) => event === "publish failed").map(({ error }) => String(error));
      console.log(`      MySQL down: ${described(seen)}`);
      for (const { event, error } of seen.troubles)
        if (event !== "publish failed") console.log(`      ${event}: ${String(error)}`);
      for (const reason of new Set(refused))
        console.log(
          `      refused ${refused.filter((other) => other === reason).length} times with: ${reason.slice(0, 200)}`,
        );
      assertUnnoticedBut(seen, "failedPublishes");
      // It gives the reason, except for a moment in which servers that are ending still have connections.
      assert.ok(
        refused.filter((reason) => /JDBC|database|connection/i.test(reason)).length > AWAY_SECONDS / 5,
        "publishing was hardly tried, or it was refused without the reason",
      );
      // A client may go to another server if one has not answered it within three seconds, as while MySQL is ending.
      assert.ok(seen.connects <= 2, described(seen));
      assert.deepEqual([seen.failedHealthChecks, seen.failedBeats], [0, 0], described(seen));
      assert.ok(seen.beats >= AWAY_SECONDS / 10);
    });
    assert.equal(await state(), before);
    await whole(environment);
  });
});
