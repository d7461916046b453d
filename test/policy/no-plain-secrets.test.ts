import * as assert from "node:assert/strict";
import { noPlainSecrets as policy } from "../../policy-pack/rules/data/no-plain-secrets";
import { changed, check, container, goodStatefulSet, passes, podSpec, types, unknown, violations } from "./support";

const main = 'StatefulSet nacos/db, container "main"';
const inSecret = "Keep it in a Secret.";
const byRef = "Keep it in a Secret and read it with valueFrom.secretKeyRef.";
const fromFile = "Keep it in a Secret and let the process read it from a file or a variable.";
const pem = "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\n";
const base64 = (text: string) => Buffer.from(text).toString("base64");
const env = (name: string, rest: object) => [{ name, ...rest }];
const keyRef = { name: "db", key: "password" };

function configMap(field: "data" | "binaryData", key: string, value: unknown, exempt?: string[]): string[] {
  const props = { metadata: { name: "conf", namespace: "nacos" }, [field]: { [key]: value } };
  return violations(policy, types.ConfigMap, props, exempt);
}

describe("no-plain-secrets in ConfigMaps", () => {
  const file = "[client]\nuser = app\npassword = hunter2\n";
  const inFile = ['ConfigMap nacos/conf, key "my.cnf": line 3: "password" has a literal value. Keep it in a Secret.'];

  it("passes one without secrets", () => assert.deepEqual(configMap("data", "my.cnf", "[mysqld]\nport = 3306\n"), []));
  it("passes one without data", () => assert.deepEqual(violations(policy, types.ConfigMap, {}), []));
  it("stops a secret in a file, and does not repeat it", () =>
    assert.deepEqual(configMap("data", "my.cnf", file), inFile));
  it("looks into binary data", () => assert.deepEqual(configMap("binaryData", "my.cnf", base64(file)), inFile));

  const program = ['ConfigMap nacos/conf, key "app.js": line 1: "password" has a literal value. Keep it in a Secret.'];
  it("stops a secret in quotes in a program", () =>
    assert.deepEqual(configMap("data", "app.js", 'connect({user:"app",password:"hunter2"})'), program));
  it("passes a program that reads its secret from elsewhere", () =>
    assert.deepEqual(configMap("data", "app.js", "this.password=e.password2,t={password:n}"), []));
  it("treats the same words as a secret if the file is not a program", () => {
    assert.deepEqual(configMap("data", "app.conf", "password=e.password2"), [
      'ConfigMap nacos/conf, key "app.conf": line 1: "password" has a literal value. Keep it in a Secret.',
    ]);
  });

  it("stops a private key whatever the key is called", () => {
    assert.deepEqual(configMap("data", "tls", pem), [
      `ConfigMap nacos/conf, key "tls": line 1: a PEM private key. ${inSecret}`,
    ]);
  });

  const named = ['ConfigMap nacos/conf, key "root-password": the key names a secret. Keep it in a Secret.'];
  it("stops a key that names a secret", () => assert.deepEqual(configMap("data", "root-password", "hunter2"), named));
  it("stops one in binary data", () =>
    assert.deepEqual(configMap("binaryData", "root-password", base64("hunter2")), named));
  it("stops one whose value is about to be generated", () =>
    assert.deepEqual(configMap("data", "root-password", unknown), named));
  it("passes one that holds a path", () =>
    assert.deepEqual(configMap("data", "root-password", "/run/secrets/root"), []));
  it("passes one that is empty", () => assert.deepEqual(configMap("data", "root-password", ""), []));
  it("passes a script about passwords", () => assert.deepEqual(configMap("data", "rotate-password.sh", "exit 0"), []));
  it("leaves an unknown file to the update", () => assert.deepEqual(configMap("data", "my.cnf", unknown), []));
  it("leaves unknown data to the update", () => {
    assert.deepEqual(violations(policy, types.ConfigMap, { data: unknown, binaryData: unknown }), []);
  });

  it("ignores an exempt key", () => {
    assert.deepEqual(configMap("data", "my.cnf", file, ["nacos/conf/my.cnf"]), []);
    assert.deepEqual(configMap("data", "my.cnf", file, ["nacos/conf/other.cnf"]), inFile);
  });

  it("ignores Secrets", () => {
    assert.deepEqual(violations(policy, "kubernetes:core/v1:Secret", { stringData: { password: "hunter2" } }), []);
  });
});

describe("no-plain-secrets in pods", () => {
  passes(policy);

  const plain = (name: string) => [`${main}: env "${name}" has a plain value. ${byRef}`];
  const variable = (title: string, name: string, rest: object, says: string[]) => ({
    title,
    path: `${container}.env`,
    value: env(name, rest),
    says,
  });
  check(policy, [
    variable("stops a password in a variable", "MYSQL_PASSWORD", { value: "hunter2" }, plain("MYSQL_PASSWORD")),
    variable("stops one that is about to be generated", "MYSQL_PASSWORD", { value: unknown }, plain("MYSQL_PASSWORD")),
    variable("stops one from a ConfigMap", "MYSQL_PASSWORD", { valueFrom: { configMapKeyRef: keyRef } }, [
      `${main}: env "MYSQL_PASSWORD" is read from a ConfigMap. ${byRef}`,
    ]),
    variable("stops one inside another value", "JAVA_OPT", { value: "-Xmx1g -Ddb.password=hunter2" }, [
      `${main}: env "JAVA_OPT": "Ddb.password" has a literal value. ${byRef}`,
    ]),
    variable("passes a secretKeyRef", "MYSQL_PASSWORD", { valueFrom: { secretKeyRef: keyRef } }, []),
    variable("passes an empty value", "MYSQL_PASSWORD", { value: "" }, []),
    variable("passes no value", "MYSQL_PASSWORD", {}, []),
    variable("passes a reference to another variable", "MYSQL_PASSWORD", { value: "$(ROOT_PASSWORD)" }, []),
    variable("passes a flag", "MYSQL_RANDOM_ROOT_PASSWORD", { value: "yes" }, []),
    variable("passes an unknown value under a plain name", "MODE", { value: unknown }, []),
    variable("passes an unknown name", unknown, { value: "hunter2" }, []),
    { title: "leaves unknown variables to the update", path: `${container}.env`, value: unknown, says: [] },
    { title: "leaves an unknown variable to the update", path: `${container}.env.0`, value: unknown, says: [] },
    {
      title: "looks at init containers",
      path: `${podSpec}.initContainers.0.env`,
      value: env("API_KEY", { value: "abc123" }),
      says: [`StatefulSet nacos/db, init container "prepare": env "API_KEY" has a plain value. ${byRef}`],
    },
    {
      title: "stops a secret in the arguments",
      path: `${container}.args`,
      value: ["--user=app", "--password=hunter2"],
      says: [`${main}: command and args: "password" has a literal value. ${fromFile}`],
    },
    {
      title: "stops a secret in a separate argument",
      path: `${container}.args`,
      value: ["--password", "hunter2"],
      says: [`${main}: command and args: "--password" has a literal value. ${fromFile}`],
    },
    {
      title: "stops -p of mysql",
      path: `${container}.command`,
      value: ["mysql", "-uroot", "-phunter2"],
      says: [`${main}: command and args: "-p" of a MySQL client has a literal value. ${fromFile}`],
    },
    {
      title: "looks at probes",
      path: `${container}.livenessProbe`,
      value: { exec: { command: ["mysqladmin", "-phunter2", "ping"] } },
      says: [`${main}: livenessProbe.exec.command: "-p" of a MySQL client has a literal value. ${fromFile}`],
    },
    {
      title: "looks at lifecycle hooks",
      path: `${container}.lifecycle.preStop.exec.command`,
      value: ["sh", "-c", "TOKEN=abc123 leave"],
      says: [`${main}: lifecycle.preStop.exec.command: "TOKEN" has a literal value. ${fromFile}`],
    },
    {
      title: "passes arguments that refer to variables",
      path: `${container}.args`,
      value: ["--password=$(PASSWORD)", "-p3306"],
      says: [],
    },
    {
      title: "passes an argument that is not known yet",
      path: `${container}.args`,
      value: ["--password", unknown],
      says: [],
    },
  ]);

  it("ignores an exempt container", () => {
    const props = changed(goodStatefulSet, `${container}.env`, env("MYSQL_PASSWORD", { value: "hunter2" }));
    assert.deepEqual(violations(policy, types.StatefulSet, props, ["nacos/db/main"]), []);
  });
});
