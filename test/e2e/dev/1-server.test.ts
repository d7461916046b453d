import assert from "node:assert/strict";
import { waitFor } from "../../../sandbox/exec";
import { dev, live, Live } from "../support/environments";
import { NacosClient } from "../support/nacos-client";
import { changeSettings } from "../support/stack-file";

describe("a Nacos server", () => {
  let environment: Live;
  const inNamespace = (...args: string[]): Promise<string> =>
    environment.kubectl(["--namespace", environment.outputs.namespace, ...args]);
  const inServer = (command: string): Promise<string> =>
    inNamespace("exec", "nacos-0", "-c", "nacos", "--", "bash", "-c", command);
  /** The server's own metrics, which need no login. */
  const metrics = async (): Promise<string> =>
    (await fetch(`http://127.0.0.1:${environment.ports.nacos}/nacos/actuator/prometheus`)).text();

  before(async () => {
    environment = await live(dev);
  });

  it("has limits for classes and for buffers outside the heap, as its memory limit of 1Gi is divided", async () => {
    assert.match(await metrics(), /^jvm_memory_max_bytes\{.*id="Metaspace".*\} 1\.6777216E8$/m); // 160 MiB
    const options = (await inServer("tr '\\0' '\\n' </proc/1/cmdline")).split("\n");
    for (const option of ["-Xmx336m", "-XX:MaxDirectMemorySize=56m"])
      assert.ok(options.includes(option), options.join(" "));
  });

  it("accepts a configuration of 10 MB in Chinese, whose form is three times as large", async () => {
    const nacos = await NacosClient.signedIn(environment);
    const content = "中".repeat(3_400_000);
    let answer = { status: 0, body: "" };
    await waitFor(
      "Nacos to store so much within its own limit of a few seconds, while another cluster is at work",
      180,
      async () => {
        answer = await nacos.publish("large", content);
        return !answer.body.includes("Transaction timed out");
      },
      2000,
    );
    assert.deepEqual(answer, { status: 200, body: "true" });
    await waitFor(
      "the large configuration to be read back",
      60,
      async () => (await nacos.read("large")).body === content,
    );
  });

  it("writes no access log", async () => {
    assert.equal(await inServer("find /tmp /home/nacos -name '*access_log*'"), "");
  });

  it("logs next to nothing while it has no clients", async () => {
    let lines: string[] = [];
    await waitFor("a server without clients to write at most three lines in 20 s", 120, async () => {
      lines = (await inNamespace("logs", "nacos-0", "-c", "nacos", "--since=20s"))
        .split("\n")
        .filter((line) => line !== "");
      return lines.length <= 3;
    }).catch((error: unknown) => assert.fail(`${String(error)}; it wrote:\n${lines.join("\n")}`));
  });

  it("accepts further properties, a JVM option and a secret, and keeps RocksDB's log of the previous start only @drill", async () => {
    const up = (): Promise<string> =>
      environment.stack.pulumi(["up", "--yes", "--skip-preview", "--non-interactive", "--suppress-progress"]);
    const rolled = (): Promise<string> => inNamespace("rollout", "status", "statefulset/nacos", "--timeout=300s");
    await inNamespace("create", "secret", "generic", "nacos-properties", "--from-literal=PLACE=Hangzhou");
    try {
      changeSettings(environment.stack.configFile, (config) =>
        Object.assign(config["nacos-platform:nacos"], {
          properties: { "management.metrics.tags.place": "${PLACE}", "management.metrics.tags.words": "a b: *ü" },
          jvmOptions: ["-Dof.this.test=1"],
        }),
      );
      await up();
      await rolled();
      await waitFor("the metrics to have the labels", 120, async () =>
        (await metrics()).includes('place="Hangzhou",words="a b: *ü"'),
      );
      assert.match(await inServer("tr '\\0' '\\n' </proc/1/cmdline"), /^-Dof\.this\.test=1$/m);
    } finally {
      await inNamespace("delete", "secret", "nacos-properties");
      await environment.stack.prepare();
      await up();
      await rolled();
    }
    await waitFor("the metrics to be without the labels", 120, async () => !(await metrics()).includes("Hangzhou"));
    const logs = (await inServer("ls /home/nacos/data/protocol/raft/naming_service_metadata/log"))
      .split("\n")
      .filter((name) => name.startsWith("LOG"));
    assert.deepEqual(
      logs.map((name) => name.replace(/\d+$/, "")),
      ["LOG", "LOG.old."],
      "after three starts",
    );
  });
});
