import assert from "node:assert/strict";
import { run, waitFor } from "../../../sandbox/exec";
import { network, requireCluster } from "../../../sandbox/cluster/cluster";
import { apply } from "../../../sandbox/cluster/kubectl";
import { loadSession } from "../../../sandbox/commands/session";
import { live, Live, make, prod, refusal } from "../support/environments";
import { publishedContent } from "../support/mysql";
import { Answer, NacosClient } from "../support/nacos-client";
import { ops } from "../support/ops";
import { whileWriting } from "../support/writing";

describe("the prod environment on three nodes", () => {
  let environment: Live;
  let namespaced: (...args: string[]) => Promise<string>;

  before("make up STACK=prod", async () => {
    await make("up", prod);
    environment = await live(prod);
    namespaced = (...args) => environment.kubectl(["--namespace", environment.outputs.namespace, ...args]);
  });

  const members = ["nacos-0", "nacos-1", "nacos-2"];
  const servers = ["mysql-0", "mysql-1", "mysql-2"];

  async function eventually(what: string, ask: () => Promise<Answer>, expected: Partial<Answer>): Promise<void> {
    await waitFor(what, 180, async () => {
      const answer = await ask().catch(() => undefined);
      return (
        answer !== undefined && Object.entries(expected).every(([key, value]) => answer[key as keyof Answer] === value)
      );
    });
  }

  it("puts every Nacos server on a separate node, and every MySQL server", async () => {
    for (const pods of [members, servers]) {
      const nodes = (await namespaced("get", "pods", ...pods, "-o", "jsonpath={.items[*].spec.nodeName}")).split(" ");
      assert.equal(new Set(nodes).size, 3, nodes.join(", "));
    }
  });

  it("has metrics of three nodes in three zones, and no route out", async () => {
    const json = async <T>(...args: string[]) => (JSON.parse(await environment.kubectl(args)) as { items: T[] }).items;
    await waitFor("metrics of three nodes", 120, async () => {
      const measured = await json<{ usage: Record<"cpu" | "memory", string> }>(
        "get",
        "--raw",
        "/apis/metrics.k8s.io/v1beta1/nodes",
      );
      return measured.filter(({ usage }) => /[1-9]/.test(usage.cpu) && /[1-9]/.test(usage.memory)).length === 3;
    });
    const nodes = await json<{ metadata: { labels: Record<string, string> } }>("get", "nodes", "-o", "json");
    assert.deepEqual(nodes.map(({ metadata }) => metadata.labels["topology.kubernetes.io/zone"]).sort(), [
      "zone1",
      "zone2",
      "zone3",
    ]);
    // A node's default route leads to the control plane's place, and that one has no default route. Nothing is sent here.
    const route = (place: string) =>
      run("nsenter", [`--net=/run/netns/np-${prod.cluster}-${place}`, "ip", "route", "get", "192.0.2.1"]);
    for (const node of ["node1", "node2", "node3"])
      assert.match(await route(node), new RegExp(` via ${network.controlPlane} `));
    await assert.rejects(route("control-plane"), /Network is unreachable/);
  });

  it("serves over one member what was published over another, from MySQL", async () => {
    await NacosClient.onMember(environment, "nacos-0", async (nacos) => {
      assert.deepEqual(await nacos.publish("shared", "from-member-0"), { status: 200, body: "true" });
    });
    for (const member of members) {
      await NacosClient.onMember(environment, member, (nacos) =>
        eventually(`${member} to serve it`, () => nacos.read("shared"), { status: 200, body: "from-member-0" }),
      );
    }
    assert.equal(await publishedContent(environment, "shared"), "from-member-0");
  });

  it("tells operators what every Nacos server sees, and that nothing is to be repaired", async () => {
    const said = await ops(environment, "nacos", "status");
    for (const pod of ["nacos-0", "nacos-1", "nacos-2"])
      assert.match(said, new RegExp(`^${pod} +yes +\\d+ +\\S+ +3\\.1\\S* +0 1 2 +\\d+ +\\d+ `, "m"), said);
    assert.match(said, /^naming_persistent_service_v2 +nacos-\d +0 1 2/m);
    assert.match(said, /^members: 3 of wanted 3$/m);
    assert.match(await ops(environment, "nacos", "repair"), /No Raft group has a ghost peer/);
    const refused = await refusal(ops(environment, "nacos", "repair", "--peer", "nacos-1"));
    assert.match(refused, /nacos-1 is one of the 3 members.*NACOS_PEER_IS_MEMBER/);
  });

  it("continues to serve while a Nacos pod is killed, and the pod comes back", async () => {
    const nacos = await NacosClient.signedIn(environment);
    await namespaced("delete", "pod", "nacos-1", "--grace-period=0", "--force");
    assert.deepEqual(await nacos.read("shared"), { status: 200, body: "from-member-0" });
    await namespaced("rollout", "status", "statefulset/nacos", "--timeout=300s");
    await NacosClient.onMember(environment, "nacos-1", (member) =>
      eventually("nacos-1 to serve it again", () => member.read("shared"), { status: 200, body: "from-member-0" }),
    );
  });

  it("recovers with its data after every MySQL pod is killed at once, without losing a write", async () => {
    const nacos = await NacosClient.signedIn(environment);
    const written = await whileWriting(prod, environment, async () => {
      await namespaced("delete", "pod", ...servers, "--grace-period=0", "--force");
      await namespaced("rollout", "status", "statefulset/mysql", "--timeout=300s");
    });
    console.log(`      all at once: ${JSON.stringify(written)}`);
    assert.equal(written.missing, 0, JSON.stringify(written));
    await eventually("Nacos to publish again", () => nacos.publish("after", "the-crash"), {
      status: 200,
      body: "true",
    });
    for (const [dataId, content] of [
      ["shared", "from-member-0"],
      ["after", "the-crash"],
    ]) {
      // A failover may still be in progress, and then a connection may break.
      await waitFor(`MySQL to have ${dataId}`, 60, () =>
        publishedContent(environment, dataId).then(
          (found) => found === content,
          () => false,
        ),
      );
    }
  });

  it("stays ready and serves what it has while MySQL is down, and refuses only to publish", async () => {
    const nacos = await NacosClient.signedIn(environment);
    const state = () =>
      namespaced(
        "get",
        "pods",
        ...members,
        "-o",
        "jsonpath={range .items[*].status.containerStatuses[*]}{.ready} {.restartCount};{end}",
      );
    const before = await state();
    await namespaced("scale", "statefulset/mysql", "--replicas=0");
    await namespaced("wait", "--for=delete", ...servers.map((pod) => `pod/${pod}`), "--timeout=120s");
    try {
      assert.deepEqual(await nacos.read("shared"), { status: 200, body: "from-member-0" });
      assert.equal((await nacos.publish("lost", "x")).status, 500);
      assert.equal(await state(), before);
      assert.match(before, /^(true \d+;){3}$/);
    } finally {
      await namespaced("scale", "statefulset/mysql", `--replicas=${servers.length}`);
    }
    await namespaced("rollout", "status", "statefulset/mysql", "--timeout=300s");
    await eventually("Nacos to publish again", () => nacos.publish("again", "x"), { status: 200, body: "true" });
  });

  it("lets no pod of another namespace reach MySQL, and only admitted namespaces reach Nacos", async () => {
    const { mysql } = loadSession(requireCluster(prod.cluster)).images; // any image with a shell
    const manifest = {
      apiVersion: "v1",
      kind: "List",
      items: [
        { apiVersion: "v1", kind: "Namespace", metadata: { name: "stranger" } },
        {
          apiVersion: "v1",
          kind: "Pod",
          metadata: { name: "shell", namespace: "stranger" },
          spec: { containers: [{ name: "shell", image: mysql.ref, command: ["sleep", "infinity"] }] },
        },
      ],
    };
    await apply(environment.kubectl, JSON.stringify(manifest));
    await environment.kubectl([
      "--namespace",
      "stranger",
      "wait",
      "--for=condition=Ready",
      "pod/shell",
      "--timeout=60s",
    ]);
    const reaches = (service: string, port: number, namespace = environment.outputs.namespace) =>
      environment
        .kubectl([
          "--namespace",
          "stranger",
          "exec",
          "shell",
          "--",
          "timeout",
          "4",
          "bash",
          "-c",
          `exec 3<>/dev/tcp/${service}.${namespace}.svc.cluster.local/${port}`,
        ])
        .then(
          () => true,
          () => false,
        );
    try {
      assert.equal(await reaches("kube-dns", 53, "kube-system"), true, "the stranger reaches nothing at all");
      assert.equal(await reaches("mysql", 3306), false);
      assert.equal(await reaches(environment.outputs.nacos.services.client, 8848), false);
      await environment.kubectl(["label", "namespace", "stranger", "nacos-client=true"]);
      await waitFor("an admitted namespace to reach Nacos", 30, () =>
        reaches(environment.outputs.nacos.services.client, 8848),
      );
      assert.equal(await reaches("mysql", 3306), false);
    } finally {
      await environment.kubectl(["delete", "namespace", "stranger", "--wait=false"]);
    }
  });

  it("changes nothing when it is brought up again", async () => {
    assert.match(await make("up", prod), /Resources:\n\s+\d+ unchanged\n/);
  });

  it("refuses to be destroyed while it is protected", async () => {
    await assert.rejects(environment.stack.destroy(), /protect/);
  });
});
