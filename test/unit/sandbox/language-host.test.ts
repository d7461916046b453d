import * as assert from "node:assert/strict";
import { ProgramInfo, RunRequest } from "@pulumi/pulumi/proto/language_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { environment, nodeArguments, programArguments } from "../../../sandbox/plugins/language-nodejs/program";

function request(options: Record<string, string | boolean> = {}): RunRequest {
  const info = new ProgramInfo();
  info.setRootDirectory("/checkout");
  info.setProgramDirectory("/checkout/program");
  info.setEntryPoint("index.ts");
  info.setOptions(Struct.fromJavaScript(options));
  const run = new RunRequest();
  run.setInfo(info);
  run.setProject("nacos-platform");
  run.setStack("dev");
  run.setMonitorAddress("127.0.0.1:1");
  run.setParallel(8);
  run.getConfigMap().set("nacos-platform:environment", "dev");
  run.setConfigsecretkeysList(["nacos-platform:secret"]);
  return run;
}

describe("the language host", () => {
  it("hands the runner what the engine asked for", () => {
    assert.deepEqual(programArguments(request(), "127.0.0.1:2"), [
      "--monitor",
      "127.0.0.1:1",
      "--engine",
      "127.0.0.1:2",
      "--organization",
      "",
      "--project",
      "nacos-platform",
      "--root-directory",
      "/checkout",
      "--stack",
      "dev",
      "--pwd",
      "/checkout/program",
      "--parallel",
      "8",
      "index.ts",
    ]);
  });

  it("says so when nothing is to be changed", () => {
    const preview = request();
    preview.setDryrun(true);
    assert.ok(programArguments(preview, "").includes("--dry-run"));
  });

  it("passes the configuration on, and which of it is secret", () => {
    const env = environment(request());
    assert.equal(env.PULUMI_CONFIG, '{"nacos-platform:environment":"dev"}');
    assert.equal(env.PULUMI_CONFIG_SECRET_KEYS, '["nacos-platform:secret"]');
  });

  it("heeds the project's options for Node.js, as the official host does", () => {
    const own = request({ typescript: false, nodeargs: "--require some/register --no-warnings" });
    assert.deepEqual(nodeArguments(own), ["--require", "some/register", "--no-warnings"]);
    assert.equal(environment(own).PULUMI_NODEJS_TYPESCRIPT, "false");
    assert.deepEqual(nodeArguments(request()), []);
    assert.equal(environment(request()).PULUMI_NODEJS_TYPESCRIPT, "true");
  });
});
