import assert from "node:assert/strict";
import { requireCluster } from "../../../sandbox/cluster/cluster";
import { apply } from "../../../sandbox/cluster/kubectl";
import { loadSession } from "../../../sandbox/commands/session";
import { missing, ownSelectors } from "../../support/alerts";
import { live, Live, prod } from "../support/environments";

/** Metrics that do not exist before something has happened: an error of the database, a backup. */
const LATER = /^(nacos_exception_total|nacos_platform_mysql_backup_last_registry_timestamp_seconds)\{/;

describe("monitoring of prod", () => {
  let environment: Live;

  before("a pod in namespace monitoring", async () => {
    environment = await live(prod);
    const { mysql } = loadSession(requireCluster(prod.cluster)).images; // any image with a shell
    const container = { name: "shell", image: mysql.ref, command: ["sleep", "infinity"] };
    const items = [
      { apiVersion: "v1", kind: "Namespace", metadata: { name: "monitoring" } },
      {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: "shell", namespace: "monitoring" },
        spec: { containers: [container] },
      },
    ];
    await apply(environment.kubectl, JSON.stringify({ apiVersion: "v1", kind: "List", items }));
    await inMonitoring("wait", "--for=condition=Ready", "pod/shell", "--timeout=60s");
  });

  after(() => environment.kubectl(["delete", "namespace", "monitoring", "--wait=false"]));

  const inMonitoring = (...args: string[]) => environment.kubectl(["--namespace", "monitoring", ...args]);

  /** What the pod gets from an address of the stack. @throws if it cannot connect within 4 s */
  function read(host: string, port: number, path: string): Promise<string> {
    const script = `exec 3<>/dev/tcp/${host}/${port}; printf 'GET ${path} HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3`;
    return inMonitoring("exec", "shell", "--", "timeout", "4", "bash", "-c", script);
  }

  async function podsOf(...labels: string[]): Promise<string[]> {
    const selector = labels.map((label) => `app.kubernetes.io/${label}`).join();
    const { namespace } = environment.outputs;
    const path = "jsonpath={.items[*].status.podIP}";
    const found = await environment.kubectl(["-n", namespace, "get", "pods", "-l", selector, "-o", path]);
    return found.split(" ");
  }

  it("reads every metric that an alert selects", async () => {
    const [nacos, mysql, controllers] = await Promise.all([
      podsOf("name=nacos", "component=server"),
      podsOf("name=mysql", "component=server"),
      podsOf("name=mysql", "component=controller"),
    ]);
    assert.deepEqual([nacos.length, mysql.length, controllers.length], [3, 3, 2]);
    const texts = await Promise.all([
      ...nacos.map((pod) => read(pod, 8848, "/nacos/actuator/prometheus")),
      ...nacos.map((pod) => read(pod, 8849, "/metrics")),
      ...mysql.map((pod) => read(pod, 9104, "/metrics")),
      ...controllers.map((pod) => read(pod, 8080, "/metrics")),
    ]);
    for (const text of texts) assert.match(text, /^HTTP\/1\.[01] 200/);
    const selectors = ownSelectors();
    assert.ok(selectors.length > 30);
    assert.deepEqual(
      missing(selectors, texts.join("\n")).filter((selector) => !LATER.test(selector)),
      [],
    );
  });

  it("reaches nothing else", async () => {
    const [[nacos], [mysql]] = await Promise.all([
      podsOf("name=nacos", "component=server"),
      podsOf("name=mysql", "component=server"),
    ]);
    const reached = await Promise.all(
      (
        [
          [nacos, 9848],
          [nacos, 7848],
          [mysql, 3306],
        ] as const
      ).map(([host, port]) =>
        read(host, port, "/").then(
          () => port,
          () => undefined,
        ),
      ),
    );
    assert.deepEqual(reached, [undefined, undefined, undefined]);
  });
});
