import assert from "node:assert/strict";
import { validate } from "../../../../schema";
import { Mismatch, parse } from "../../../../config/fields";
import { jvmOptions, properties } from "../../../../components/nacos/fields";

const SECRET =
  "put it into Secret nacos-properties of the namespace, for example as MY_SECRET, and write ${MY_SECRET} here";
const MEMORY = "set nacos.resources.limits.memory, which it is derived from";
const NETWORK = "leave it out: probes, Services and network policies depend on it";

/** What is wrong with the value and what to do, or the accepted value. */
function judged(field: ReturnType<typeof properties | typeof jvmOptions>, value: unknown): unknown {
  const found: unknown = parse<unknown>(field, value);
  return found instanceof Mismatch ? [found.fault, found.fix] : found;
}

describe("nacos.properties", () => {
  const field = properties("…");
  const refused = (name: string, value: unknown = "x"): unknown => (judged(field, { [name]: value }) as string[])[1];

  it("accepts texts, numbers and flags, and converts them to text", () => {
    assert.deepEqual(
      judged(field, {
        "nacos.config.retention.days": 7,
        a: true,
        "logging.level.com.alibaba.nacos.naming": "DEBUG",
        empty: "",
      }),
      {
        "nacos.config.retention.days": "7",
        a: "true",
        "logging.level.com.alibaba.nacos.naming": "DEBUG",
        empty: "",
      },
    );
  });

  it("refuses properties that the stack sets, in any spelling, and names the key to use", () => {
    for (const [name, instead] of [
      ["db.url.0", "set mysql.mode, and with external its host, port, user and password"],
      ["db.url[0]", "set mysql.mode, and with external its host, port, user and password"],
      ["db.password", "set mysql.mode, and with external its host, port, user and password"],
      ["db.pool.config.maximum-pool-size", "set nacos.databasePoolSize"],
      ["spring.sql.init.platform", "set mysql.mode"],
      ["spring.datasource.platform", "set mysql.mode"],
      ["nacos.core.auth.enabled", "leave it out: logins are always on, and the keys are in Secret nacos-auth"],
      [
        "nacos.core.auth.plugin.nacos.token.secret.key",
        "leave it out: logins are always on, and the keys are in Secret nacos-auth",
      ],
      ["server.port", NETWORK],
      ["SERVER.servlet.context-path", NETWORK],
      ["nacos.server.main.port", NETWORK],
      ["nacos.console.port", NETWORK],
      ["server.ssl.enabled", NETWORK],
      ["management.endpoints.web.exposure.include", NETWORK],
      ["nacos.naming.data.warmup", "leave it out: readiness depends on it"],
      ["nacos.standalone", "leave it out: the members' names come from nacos.replicas and nacos.clusterDomain"],
      ["server.tomcat.accesslog.enabled", "leave it out: an access log would fill the pod's ephemeral storage"],
      ["server.tomcat.base-dir", "leave it out: an access log would fill the pod's ephemeral storage"],
      ["logging.config", "leave it out, or set the level of one logger: logging.level.<logger>"],
      ["logging.level.com.alibaba.nacos.core.auth", "leave it out: this logger writes the token key"],
      ["io.grpc.netty.shaded.io.netty.maxDirectMemory", MEMORY],
    ])
      assert.equal(refused(name), `${JSON.stringify(name)}: ${instead}`);
  });

  it("accepts properties similar to those that the stack sets", () => {
    for (const name of [
      "db.pool.config.connectionTimeout",
      "nacos.core.auth.plugin.nacos.token.expire.seconds",
      "server.tomcat.max-http-form-post-size",
      "server.tomcat.threads.max",
      "logging.level.com.alibaba.nacos.core",
      "nacos.naming.expireInstance",
      "serverport",
    ])
      assert.deepEqual(judged(field, { [name]: "60" }), { [name]: "60" });
  });

  it("refuses secrets, and does not repeat them", () => {
    assert.deepEqual(judged(field, { "spring.ldap.password": "hunter2", url: "jdbc:mysql://me:hunter2@db/nacos" }), [
      'has "spring.ldap.password", "url"',
      `"spring.ldap.password": ${SECRET}; "url": ${SECRET}`,
    ]);
    assert.deepEqual(judged(field, { "spring.ldap.password": "${LDAP_PASSWORD}" }), {
      "spring.ldap.password": "${LDAP_PASSWORD}",
    });
  });

  it("refuses values of another type, invalid names, and lists", () => {
    assert.equal(refused("a", [1]), '"a": give it a text, a number, true or false');
    assert.equal(refused("a", { secure: "v1:abc" }), '"a": give it a text, a number, true or false');
    assert.equal(refused("a b"), '"a b": write a property\'s name, such as nacos.config.retention.days');
    assert.deepEqual(judged(field, ["spring.ldap.password=hunter2"]), ["is no object", undefined]);
  });

  it("refuses values that are encrypted in the stack file, because they would be readable in the cluster", () => {
    const values = {
      "nacos-platform:environment": "dev",
      "nacos-platform:kubeContext": "c",
      "nacos-platform:mysql": '{"storageClass":"fast"}',
      "nacos-platform:nacos": '{"storageClass":"fast","properties":{"a":"hunter2"}}',
    };
    const read = (secret: boolean) =>
      validate({
        project: "nacos-platform",
        stack: "dev",
        values,
        isSecret: (key) => secret && key === "nacos-platform:nacos",
      });
    assert.deepEqual(read(false).nacos.properties, { a: "hunter2" });
    assert.throws(() => read(true), {
      message: `The configuration of stack "dev" has 1 error [CONFIG_INVALID: docs/runbooks/pulumi-up.md]:\n  nacos-platform:nacos.properties has an encrypted value, or another key of nacos has; allowed: plain text, because the cluster stores it in plain text; fix: ${SECRET}`,
    });
  });
});

describe("nacos.jvmOptions", () => {
  const field = jvmOptions("…");
  const refused = (option: unknown): unknown => (judged(field, [option]) as string[])[1];

  it("accepts options of one word each", () => {
    const options = [
      "-XX:+UseZGC",
      "-XX:MaxGCPauseMillis=100",
      "-Djraft.x=1",
      "--add-opens=java.base/java.nio=ALL-UNNAMED",
      "-javaagent:/agent.jar",
      "-verbose:gc",
    ];
    assert.deepEqual(judged(field, options), options);
    assert.deepEqual(judged(field, []), []);
  });

  it("refuses options that the stack sets, and names the key to use", () => {
    for (const option of ["-Xmx3g", "-Xms1g", "-Xmn1g", "-Xss2m"])
      assert.equal(refused(option), `"${option}": ${MEMORY}`);
    for (const option of [
      "MaxDirectMemorySize",
      "MaxMetaspaceSize",
      "MaxRAMPercentage",
      "ReservedCodeCacheSize",
      "MaxHeapSize",
    ]) {
      assert.equal(refused(`-XX:${option}=1`), `"-XX:${option}": ${MEMORY}`);
    }
    assert.equal(
      refused("-XX:-ExitOnOutOfMemoryError"),
      '"-XX:-ExitOnOutOfMemoryError": leave it out: a server that is out of memory is restarted',
    );
    assert.equal(refused("-Dserver.port=1"), `"-Dserver.port": ${NETWORK}`);
    assert.equal(refused("-cp"), '"-cp": leave it out: the image decides what runs');
  });

  it("refuses secrets, and does not repeat them", () => {
    assert.equal(
      refused("-Dspring.ldap.password=hunter2"),
      `"-Dspring.ldap.password": set it in nacos.properties: ${SECRET}`,
    );
    assert.equal(refused("hunter2"), "[0]: write an option that begins with -");
    assert.deepEqual(judged(field, "-Dpassword=hunter2"), ["is no list", undefined]);
  });

  it("refuses what bash would split or expand, and arguments of Spring", () => {
    for (const option of ["-Da=b c", "-Da=*", "-Da='b'", "-Da=$HOME"])
      assert.match(String(refused(option)), /^"-Da": write it without spaces, quotes and \*\?\[\]\$/);
    assert.equal(refused("--server.tomcat.threads.max=9"), '"--server.tomcat.threads.max": set it in nacos.properties');
  });
});
