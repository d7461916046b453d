import assert from "node:assert/strict";
import { nacosFootprint } from "../../../../components/nacos/footprint";
import { Nacos, type NacosArgs } from "../../../../components/nacos/nacos";
import { knownNacos } from "../../../../components/nacos/versions";
import { insteadOfProperty } from "../../../../components/nacos/owned";
import { IDENTITIES } from "../../../../contract/identities";
import { apiServer, endpointOf } from "../../../../kube/connections";
import { PODS, SERVICES } from "../../../support/pods";
import { items, record, settle, type Recording, type Tree } from "../../../support/recorder";

const args: NacosArgs = {
  namespace: "nacos-x",
  kubeContext: "my-cluster",
  serviceDomain: "nacos-x.svc.cluster.local",
  pods: PODS,
  services: SERVICES,
  apiServer: apiServer(["10.0.0.1/32"], [443, 6443]),
  scraping: { namespaceLabels: { watches: "all" }, annotated: false },
  nodeImage: "node:x",
  image: "nacos:v2.5.3",
  facts: knownNacos("nacos:v2.5.3"),
  seriesUpgrade: "refuse",
  replicas: 3,
  resources: { requests: { cpu: "1", memory: "2Gi" }, limits: { cpu: "2", memory: "4Gi" } },
  storageGiB: 20,
  storageClass: "fast",
  spread: "required",
  databasePoolSize: 20,
  properties: {},
  jvmOptions: [],
  protect: false,
  database: {
    host: "mysql.nacos-x.svc.cluster.local",
    port: 3306,
    name: "nacos",
    secret: "mysql-runtime",
    mark: "0a0b0c0d",
    caConfigMap: "mysql-ca",
    trust: "PEM",
    endpoint: endpointOf("mysql", IDENTITIES.mysql, [3306]),
  },
  clientNamespaceLabels: { client: "yes" },
};
const three = { image: "nacos:v3.1.0", facts: knownNacos("nacos:v3.1.0") };
const STATEFUL_SET = "kubernetes:apps/v1:StatefulSet";
const SERVICE = "kubernetes:core/v1:Service";
const BUDGET = "kubernetes:policy/v1:PodDisruptionBudget";

describe("Nacos", () => {
  const made = (more: Partial<NacosArgs> = {}): Promise<Recording<Nacos>> =>
    record(() => new Nacos("nacos", { ...args, ...more }));
  const set = async (more: Partial<NacosArgs> = {}): Promise<Tree> =>
    (await made(more)).one(STATEFUL_SET, "nacos").inputs.spec;
  const server = async (more: Partial<NacosArgs> = {}): Promise<Tree> => (await set(more)).template.spec.containers[0];
  const environment = async (more: Partial<NacosArgs> = {}): Promise<Record<string, unknown>> =>
    Object.fromEntries(items((await server(more)).env).map((e) => [e.name, e.value ?? e.valueFrom])) as Record<
      string,
      unknown
    >;

  it("asks the sidecar in its pod for the members, which are known by the names of their pods", async () => {
    const env = await environment();
    assert.equal(env.PREFER_HOST_MODE, "hostname");
    assert.equal(env.NACOS_SERVERS, undefined);
    const options = String(env.JAVA_OPT).split(" ");
    assert.ok(options.includes("-Dnacos.core.member.lookup.type=address-server"));
    assert.ok(options.includes("-Daddress.server.domain=127.0.0.1"));
  });

  it("waits between two servers, and not after a single one", async () => {
    assert.equal((await set()).minReadySeconds, 15);
    assert.equal((await set({ replicas: 1 })).minReadySeconds, 0);
  });

  it("leaves the first server on 2.x while an upgrade to 3.x is held, and only then", async () => {
    const partition = async (more: Partial<NacosArgs>) => (await set(more)).updateStrategy.rollingUpdate.partition;
    assert.equal(await partition({}), 0);
    assert.equal(await partition({ seriesUpgrade: "hold" }), 0);
    assert.equal(await partition({ ...three, seriesUpgrade: "hold" }), 1);
    assert.equal(await partition({ ...three, seriesUpgrade: "complete" }), 0);
  });

  it("checks the versions of the servers before it changes them", async () =>
    assert.equal(
      (await made()).one(STATEFUL_SET, "nacos").hooks.beforeUpdate[0],
      "check if the version of nacos may change",
    ));

  it("restarts no server for another number of servers", async () => {
    const [one, five] = [(await set({ replicas: 1 })).template, (await set({ replicas: 5 })).template];
    assert.deepEqual(one, five);
  });

  it("does not change its servers for another range of its autoscaler", async () => {
    const enabled = { mode: "enabled", cpuPercent: 70, scaleDown: false, nodesOnDemand: false } as const;
    const servers = async (maxReplicas: number) =>
      (await made({ autoscaling: { ...enabled, maxReplicas } })).one(STATEFUL_SET, "nacos").inputs;
    assert.deepEqual(await servers(5), await servers(7));
  });

  it("takes credentials from Secrets, and the rest from plain variables", async () => {
    const env = await environment();
    const from = (name: string, key: string) => ({ secretKeyRef: { name, key } });
    assert.deepEqual(env.MYSQL_SERVICE_USER, from("mysql-runtime", "username"));
    assert.deepEqual(env.MYSQL_SERVICE_PASSWORD, from("mysql-runtime", "password"));
    assert.deepEqual(env.NACOS_AUTH_TOKEN, from("nacos-auth", "token"));
    assert.deepEqual(env.NACOS_AUTH_IDENTITY_KEY, from("nacos-auth", "identityKey"));
    assert.deepEqual(env.NACOS_AUTH_IDENTITY_VALUE, from("nacos-auth", "identityValue"));
    assert.equal(env.NACOS_AUTH_ENABLE, "true");
    assert.equal(
      env.MYSQL_SERVICE_DB_PARAM,
      [
        "characterEncoding=utf8&sslMode=VERIFY_IDENTITY&fallbackToSystemTrustStore=false",
        "trustCertificateKeyStoreUrl=file:/tmp/mysql-ca.p12&trustCertificateKeyStoreType=PKCS12&connectTimeout=3000&socketTimeout=10000",
      ].join("&"),
    );
  });

  it("sends the Secret of the servers' authentication as a secret", async () => {
    const secret = (await made()).one("kubernetes:core/v1:Secret", "nacos-auth");
    assert.deepEqual(secret.secretInputs, ["stringData"]);
    assert.equal(secret.inputs.stringData.token, "base64-of-nacos-auth-token");
  });

  it("signs tokens with 48 random bytes", async () => {
    assert.deepEqual((await made()).one("random:index/randomBytes:RandomBytes").inputs, { length: 48 });
  });

  it("restarts the servers for another token key or identity, and reveals nothing of them", async () => {
    const recording = await made();
    assert.equal(
      recording.one(STATEFUL_SET, "nacos").inputs.spec.template.metadata.annotations["nacos-platform/authentication"],
      "id-of-nacos-auth-mark",
    );
    assert.deepEqual(recording.one("random:index/randomId:RandomId").inputs, {
      byteLength: 4,
      keepers: { token: "base64-of-nacos-auth-token", identity: "password-of-nacos-auth-identity" },
    });
  });

  it("divides the memory limit between the JVM's parts, and overrides the image's options", async () => {
    const env = await environment();
    assert.deepEqual([env.JVM_XMS, env.JVM_XMX, env.JVM_XMN, env.JVM_MMS], ["2448m", "2448m", "1224m", "341m"]);
    const options = String(env.JAVA_OPT).split(" ");
    for (const option of [
      "-XX:+ExitOnOutOfMemoryError",
      "-XX:MaxDirectMemorySize=408m",
      "-XX:MaxMetaspaceSize=341m",
      "-XX:ReservedCodeCacheSize=170m",
      "-Dio.grpc.netty.shaded.io.netty.maxDirectMemory=0",
    ])
      assert.ok(options.includes(option), option);
  });

  it("sets no option for a property that nacos.properties may set, because nobody would see which of them counts", async () => {
    const names = [...String((await environment()).JAVA_OPT).matchAll(/-D([^= ]+)=/g)].map(([, name]) => name);
    assert.ok(names.length >= 8, names.join());
    assert.deepEqual(
      names.filter((name) => insteadOfProperty(name) === undefined),
      [],
    );
  });

  it("writes no access log, which the properties file of 3.x turns on", async () => {
    assert.ok(
      String((await environment()).JAVA_OPT)
        .split(" ")
        .includes("-Dserver.tomcat.accesslog.enabled=false"),
    );
  });

  it("accepts forms as large as Nacos' limit, percent-encoded, unless the stack sets another limit", async () => {
    const file = async (properties: Record<string, string>): Promise<unknown> =>
      (await made({ properties })).one("kubernetes:core/v1:ConfigMap", "nacos-scripts").inputs.data["stack.properties"];
    const rest = "server.tomcat.max-swallow-size=32MB\ndb.pool.config.connectionTimeout=2000\n";
    assert.equal(await file({}), `server.tomcat.max-http-form-post-size=32MB\n${rest}`);
    assert.equal(
      await file({ "server.tomcat.maxHttpFormPostSize": "64MB" }),
      `${rest}server.tomcat.maxHttpFormPostSize=64MB\n`,
    );
  });

  it("gets the properties and options of the stack, and restarts if they change", async () => {
    const more = { properties: { "nacos.config.retention.days": "7" }, jvmOptions: ["-XX:+UseZGC"] };
    assert.match(String((await environment(more)).JAVA_OPT), /^-XX:\+UseZGC -XX:\+ExitOnOutOfMemoryError /);
    const mark = async (properties: Record<string, string>): Promise<unknown> =>
      (await set({ properties })).template.metadata.annotations["nacos-platform/config"];
    assert.notEqual(await mark(more.properties), await mark({}));
    assert.deepEqual((await server()).envFrom, [{ secretRef: { name: "nacos-properties", optional: true } }]);
  });

  it("is ready once the registry is loaded and alive as long as it answers, which needs neither database nor login", async () => {
    for (const [more, alive] of [
      [{}, "/nacos/v1/console/health/liveness"],
      [three, "/nacos/v3/admin/core/state/liveness"],
    ] as const) {
      const { startupProbe, readinessProbe, livenessProbe } = await server(more);
      for (const probe of [startupProbe, readinessProbe])
        assert.deepEqual(probe.httpGet, { path: "/nacos/v1/ns/operator/metrics", port: "http" });
      assert.deepEqual(livenessProbe.httpGet, { path: alive, port: "http" });
      assert.match(String((await environment(more)).JAVA_OPT), / -Dnacos\.naming\.data\.warmup=true /); // without it the answer is 200 while the registry loads
      // The server reads its users 5 s after it begins to serve. Until then it refuses every login.
      assert.ok((Number(readinessProbe.successThreshold) - 1) * Number(readinessProbe.periodSeconds) > 5);
    }
  });

  it("has a console Service on the port of its version", async () => {
    const port = async (more: Partial<NacosArgs>) =>
      items((await made(more)).one(SERVICE, "nacos-console").inputs.spec.ports).map((p) => [p.port, p.targetPort]);
    assert.deepEqual(await port({}), [[8848, "http"]]);
    assert.deepEqual(await port(three), [[8080, "console"]]);
    assert.deepEqual(
      items((await server(three)).ports).map((p) => p.containerPort),
      [8848, 9848, 9849, 7848, 8080],
    );
    assert.deepEqual(
      items((await server()).ports).map((p) => p.containerPort),
      [8848, 9848, 9849, 7848],
    );
  });

  it("offers clients HTTP and gRPC in one Service, and members all ports before they are ready", async () => {
    const recording = await made();
    const ports = (name: string) => items(recording.one(SERVICE, name).inputs.spec.ports).map((p) => p.port);
    assert.deepEqual(ports("nacos"), [8848, 9848]);
    assert.deepEqual(ports("nacos-headless"), [8848, 9848, 9849, 7848]);
    assert.equal(recording.one(SERVICE, "nacos-headless").inputs.spec.publishNotReadyAddresses, true);
  });

  it("starts all servers at the same time, and keeps their claims", async () => {
    const spec = await set();
    assert.equal(spec.podManagementPolicy, "Parallel");
    assert.deepEqual(spec.persistentVolumeClaimRetentionPolicy, { whenDeleted: "Retain", whenScaled: "Retain" });
    assert.equal(spec.volumeClaimTemplates[0].spec.storageClassName, "fast");
  });

  it("spreads servers over nodes and zones as strictly as configured", async () => {
    const required = (await set()).template.spec;
    assert.equal(
      items(required.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution)[0].topologyKey,
      "kubernetes.io/hostname",
    );
    assert.equal(required.topologySpreadConstraints[0].whenUnsatisfiable, "ScheduleAnyway");
    assert.equal(required.topologySpreadConstraints[0].topologyKey, "topology.kubernetes.io/zone");
    const preferred = (await set({ spread: "preferred" })).template.spec;
    assert.deepEqual(Object.keys(preferred.affinity.podAntiAffinity), [
      "preferredDuringSchedulingIgnoredDuringExecution",
    ]);
    assert.equal(preferred.topologySpreadConstraints[0].whenUnsatisfiable, "ScheduleAnyway");
  });

  it("allows the eviction of one server at a time, of a broken server always, and of a single server", async () => {
    const { spec } = (await made()).one(BUDGET).inputs;
    assert.deepEqual([spec.maxUnavailable, spec.unhealthyPodEvictionPolicy], [1, "AlwaysAllow"]);
    assert.equal((await made({ replicas: 1 })).all(BUDGET).length, 0);
  });

  it("may write only where it has to", async () => {
    const container = await server();
    const writable = items(container.volumeMounts)
      .filter((m) => (m.readOnly as unknown) !== true)
      .map((m) => m.mountPath);
    assert.deepEqual(writable, [
      "/home/nacos/data",
      "/home/nacos/conf",
      "/home/nacos/logs",
      "/home/nacos/status",
      "/tmp",
    ]);
    assert.equal(container.securityContext.readOnlyRootFilesystem, true);
    const volumes = items((await set()).template.spec.volumes).filter((v) => "emptyDir" in v);
    assert.deepEqual(
      volumes.map((v) => [v.name, v.emptyDir.sizeLimit]),
      [
        ["conf", "32Mi"],
        ["logs", "4496Mi"],
        ["status", "1Mi"],
        ["tmp", "512Mi"],
        ["members-state", "1Mi"],
      ],
    );
  });

  it("starts with a copy of the image's configuration, and beside a sidecar that holds it back", async () => {
    const { initContainers } = (await set()).template.spec;
    assert.deepEqual(
      items(initContainers).map((c) => [c.name, c.image, c.command, c.restartPolicy]),
      [
        ["conf", "nacos:v2.5.3", ["cp", "-r", "/home/nacos/conf/.", "/conf"], undefined],
        ["members", "node:x", ["node", "--max-old-space-size=64", "/code/members.js"], "Always"],
      ],
    );
    assert.equal(initContainers[1].startupProbe.httpGet.path, "/start");
  });

  it("gives a token to the sidecar alone, which may read the set and its pods, and change the record of members", async () => {
    const { spec } = (await set()).template;
    assert.equal(spec.automountServiceAccountToken, false);
    const mounts = (container: Tree) => items(container.volumeMounts).map(({ name }) => name as unknown);
    assert.ok(mounts(spec.initContainers[1]).includes("members-token"));
    for (const container of [spec.initContainers[0], spec.containers[0]])
      assert.ok(!mounts(container).includes("members-token"));
    const role = (await made()).one("kubernetes:rbac.authorization.k8s.io/v1:Role").inputs;
    assert.deepEqual(
      items(role.rules).map(({ resources, resourceNames, verbs }) => [resources, resourceNames, verbs]),
      [
        [["statefulsets"], ["nacos"], ["get"]],
        [["configmaps"], ["nacos-members"], ["get", "patch"]],
        [["pods"], undefined, ["get"]],
      ],
    );
  });

  it("creates the record of members without content, which is the servers' own", async () => {
    assert.equal((await made()).one("kubernetes:core/v1:ConfigMap", "nacos-members").inputs.data, undefined);
  });

  it("trusts the CAs of the database, and restarts if they change", async () => {
    const { spec, metadata } = (await set()).template;
    assert.deepEqual(
      items(spec.volumes).find((v) => (v.name as unknown) === "ca"),
      { name: "ca", configMap: { name: "mysql-ca" } },
    );
    assert.deepEqual(
      items(spec.containers[0].volumeMounts).find((m) => (m.name as unknown) === "ca"),
      { name: "ca", mountPath: "/ca", readOnly: true },
    );
    const mark = async (more: Partial<NacosArgs>): Promise<unknown> =>
      (await set(more)).template.metadata.annotations["nacos-platform/config"];
    assert.equal(await mark({ storageGiB: 21 }), metadata.annotations["nacos-platform/config"]);
    assert.notEqual(
      await mark({ database: { ...args.database, trust: "OTHERS" } }),
      metadata.annotations["nacos-platform/config"],
    );
  });

  it("leaves before it ends, and has time for it", async () => {
    const { template } = await set();
    assert.deepEqual(template.spec.containers[0].lifecycle.preStop.exec.command, ["bash", "/scripts/leave.sh"]);
    assert.equal(template.spec.terminationGracePeriodSeconds, 300);
  });

  it("raises the level of the logger that writes secrets in Nacos 3", async () => {
    const logback = (await made()).one("kubernetes:core/v1:ConfigMap", "nacos-scripts").inputs.data[
      "logback.xml"
    ] as unknown as string;
    for (const logger of ["core", "core.auth"])
      assert.ok(logback.includes(`<logger name="com.alibaba.nacos.${logger}" level="WARN"/>`), logger);
    assert.match(String((await environment()).JAVA_OPT), /-Dlogging\.config=\/home\/nacos\/conf\/nacos-logback\.xml/);
  });

  it("masks the servers' identity in the log, after the name of its header", async () => {
    const recording = await made();
    const logback = recording.one("kubernetes:core/v1:ConfigMap", "nacos-scripts").inputs.data[
      "logback.xml"
    ] as unknown as string;
    const key = recording.one("kubernetes:core/v1:Secret").inputs.stringData.identityKey as unknown as string;
    const [, pattern, replacement] = /%replace\(%msg%n%ex\{30\}\)\{'([^']+)', '([^']+)'\}%nopex/.exec(logback) ?? [];
    const masked = (text: string) => text.replace(new RegExp(pattern, "g"), replacement);
    assert.equal(
      masked(`Request{headers={${key}=aB3dE, charset=UTF-8}, requestId='1'}`),
      `Request{headers={${key}=***, charset=UTF-8}, requestId='1'}`,
    );
    assert.equal(masked(`{"${key}":"aB3dE"}`), `{"${key}=***"}`);
  });

  it("outputs its addresses, and nothing secret", async () => {
    const { result } = await made(three);
    assert.deepEqual(await settle(result.clientAddress), {
      value: "nacos.nacos-x.svc.cluster.local:8848",
      secret: false,
    });
    assert.deepEqual(await settle(result.grpcAddress), {
      value: "nacos.nacos-x.svc.cluster.local:9848",
      secret: false,
    });
    assert.deepEqual(await settle(result.consoleAddress), {
      value: "http://nacos-console.nacos-x.svc.cluster.local:8080/",
      secret: false,
    });
  });

  it("has the resources of its footprint", async () => {
    const { spec } = (await set()).template;
    const footprint = nacosFootprint(args);
    assert.deepEqual(spec.containers[0].resources, footprint.containers.nacos);
    assert.deepEqual(spec.initContainers[0].resources, footprint.initContainers.conf);
    assert.deepEqual(spec.initContainers[1].resources, footprint.containers.members);
  });

  it("protects the set, the token key and the identity if configured", async () => {
    const recording = await made({ protect: true });
    assert.deepEqual(
      recording.resources
        .filter((r) => r.protect)
        .map((r) => r.name)
        .sort(),
      ["nacos-auth-identity", "nacos-auth-token", "nacos-server"],
    );
  });
});
