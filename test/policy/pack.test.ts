import * as assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import * as path from "node:path";
import { credentials, type ServiceError } from "@grpc/grpc-js";
import { AnalyzerClient } from "@pulumi/pulumi/proto/analyzer_grpc_pb";
import * as rpc from "@pulumi/pulumi/proto/analyzer_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";
import { EVALUATION } from "../../contract/policies";
import { noLatestImage } from "../../policy-pack/rules/images/no-latest-image";
import { entries } from "../../policy-pack/catalogue";
import { changed, container, exemption, goodStatefulSet, podSpec, type Props, types, unknown } from "./support";

/** The pack as `pulumi --policy-pack` runs it: Pulumi's own runner, asked over gRPC as the engine asks. */
describe("the policy pack under Pulumi's runner", () => {
  let runner: ChildProcess;
  let engine: AnalyzerClient;

  before(async function () {
    this.timeout(60_000); // Pulumi starts with it
    const pack = path.join(__dirname, "../../policy-pack");
    const main = require.resolve("@pulumi/pulumi/cmd/run-policy-pack");
    runner = spawn(process.execPath, [main, "127.0.0.1:0", pack], { cwd: pack, stdio: ["ignore", "pipe", "inherit"] });
    assert.ok(runner.stdout);
    const started = once(runner.stdout, "data").then(([port]) => String(port).trim());
    const failed = once(runner, "exit").then(([code]) => assert.fail(`the runner ended with code ${code}`));
    engine = new AnalyzerClient(`127.0.0.1:${await Promise.race([started, failed])}`, credentials.createInsecure());
  });

  after(() => {
    engine?.close();
    runner?.removeAllListeners("exit");
    runner?.kill();
  });

  const call = <T>(method: (done: (error: ServiceError | null, response: T) => void) => void) =>
    new Promise<T>((resolve, reject) => method((error, response) => (error ? reject(error) : resolve(response))));

  async function analyze(props: Props, urn = ""): Promise<rpc.AnalyzeDiagnostic.AsObject[]> {
    const request = new rpc.AnalyzeRequest();
    request.setUrn(urn);
    request.setType(types.StatefulSet);
    request.setName("db");
    request.setOptions(new rpc.AnalyzerResourceOptions());
    request.setProperties(Struct.fromJavaScript(props as Record<string, JavaScriptValue>));
    const response = await call<rpc.AnalyzeResponse>((done) => engine.analyze(request, done));
    return response.toObject().diagnosticsList;
  }

  it("serves every policy, all mandatory but the mark", async () => {
    const info = (await call<rpc.AnalyzerInfo>((done) => engine.getAnalyzerInfo(new Empty(), done))).toObject();
    assert.equal(info.name, "nacos-platform");
    assert.deepEqual(
      info.policiesList.map(({ name, enforcementlevel }) => [name, enforcementlevel]),
      [
        ["mark-as-evaluated", rpc.EnforcementLevel.REMEDIATE],
        ...entries.map(({ rule }) => [rule.name, rpc.EnforcementLevel.MANDATORY]),
      ],
    );
  });

  it("marks the one resource by which the program knows that it runs, and no other", async () => {
    const marked = async (type: string, name: string) => {
      const request = new rpc.AnalyzeRequest();
      request.setType(type);
      request.setName(name);
      request.setOptions(new rpc.AnalyzerResourceOptions());
      request.setProperties(Struct.fromJavaScript({ input: EVALUATION.pending }));
      const response = await call<rpc.RemediateResponse>((done) => engine.remediate(request, done));
      return response.toObject().remediationsList.map(({ properties }) => properties?.fieldsMap[0]);
    };
    const [[key, value]] = (await marked(EVALUATION.type, EVALUATION.name)) as [string, { stringValue: string }][];
    assert.deepEqual([key, value.stringValue], ["input", EVALUATION.by]);
    assert.deepEqual(await marked(EVALUATION.type, "mysql-mode"), []);
    assert.deepEqual(await marked("kubernetes:core/v1:ConfigMap", EVALUATION.name), []);
  });

  it("passes a good resource", async () => assert.deepEqual(await analyze(goodStatefulSet), []));

  const bad = changed(
    changed(goodStatefulSet, `${podSpec}.initContainers.0.image`, unknown),
    `${container}.image`,
    "mysql",
  );

  it("stops a bad one, though another of its values is not known yet", async () => {
    const found = (await analyze(bad)).map(({ policyname, enforcementlevel, message }) => ({
      policyname,
      enforcementlevel,
      message,
    }));
    assert.deepEqual(found, [
      {
        policyname: "no-latest-image",
        enforcementlevel: rpc.EnforcementLevel.MANDATORY,
        message: `${noLatestImage.description}\nStatefulSet nacos/db, container "main": image "mysql" has no tag, which means "latest". Name a version tag or a digest.`,
      },
    ]);
  });

  it("evaluates the stack by what the program asked for, at the level of its environment", async () => {
    // Policies of a stack receive outputs: an autoscaler's minimum is there, replicas that the program left out too.
    const asked = changed(goodStatefulSet, "spec.replicas", undefined);
    const came = changed(goodStatefulSet, "spec.replicas", 5);
    const says = async (stack: string) => {
      const urn = `urn:pulumi:${stack}::nacos-platform::${types.StatefulSet}::db`;
      await analyze(asked, urn);
      const resource = new rpc.AnalyzerResource();
      resource.setType(types.StatefulSet);
      resource.setName("db");
      resource.setUrn(urn);
      resource.setOptions(new rpc.AnalyzerResourceOptions());
      resource.setProperties(Struct.fromJavaScript(came as Record<string, JavaScriptValue>));
      const request = new rpc.AnalyzeStackRequest();
      request.setResourcesList([resource]);
      const response = await call<rpc.AnalyzeResponse>((done) => engine.analyzeStack(request, done));
      const found = response
        .toObject()
        .diagnosticsList.map(({ policyname, enforcementlevel }) => [policyname, enforcementlevel]);
      return found.filter(([name]) => name === "min-replicas");
    };
    assert.deepEqual(await says("dev-anna"), []);
    assert.deepEqual(await says("prod"), [["min-replicas", rpc.EnforcementLevel.MANDATORY]]);
  });

  it("only remarks in dev on what stops prod", async () => {
    const unlimited = changed(goodStatefulSet, `${podSpec}.volumes.0.emptyDir`, {});
    for (const [stack, level] of [
      ["dev", rpc.EnforcementLevel.ADVISORY],
      ["prod", rpc.EnforcementLevel.MANDATORY],
    ] as const) {
      const found = await analyze(unlimited, `urn:pulumi:${stack}::nacos-platform::${types.StatefulSet}::db`);
      assert.deepEqual(
        found.map(({ policyname, enforcementlevel }) => [policyname, enforcementlevel]),
        [["emptydir-size-limit", level]],
      );
      assert.match(found[0].message, /^Every emptyDir has a size limit.*\nStatefulSet nacos\/db, volume "tmp"/);
    }
  });

  it("heeds configured exemptions", async () => {
    const config = new rpc.PolicyConfig();
    config.setEnforcementlevel(rpc.EnforcementLevel.MANDATORY);
    config.setProperties(Struct.fromJavaScript({ exempt: [{ ...exemption("nacos/db/main", "2999-12-31") }] }));
    const request = new rpc.ConfigureAnalyzerRequest();
    request.getPolicyconfigMap().set("no-latest-image", config);
    await call<Empty>((done) => engine.configure(request, done));
    assert.deepEqual(await analyze(bad), []);
  });
});
