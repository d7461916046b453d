import assert from "node:assert/strict";
import { staticWeb } from "../../../examples/static-web/static-web";
import type { Product } from "../../../kube/product";
import { products } from "../../../products";
import { findings } from "../../policy/support";
import { connections } from "../../support/network";
import { secretKeys, settings, start } from "../../support/program";
import { record, type Recording } from "../../support/recorder";

describe("a product of the user's next to the platform", () => {
  const web = staticWeb("web", {
    image: `registry.example.com/httpd:2.4.65@sha256:${"0".repeat(64)}`,
    files: { "index.html": "<h1>House rules</h1>" },
    clientNamespaceLabels: { "web-client": "true" },
  });
  let recording: Recording<unknown>;

  before(async () => {
    (products as Product[]).push(web);
    recording = await record(start, { stack: "dev", config: settings("dev"), secretKeys });
  });
  after(() => (products as Product[]).pop());

  it("is reached by the namespaces that it admits, and changes no connection of the others", () => {
    const all = connections(recording);
    const its = all.filter(({ from, to }) => `${from} ${to}`.includes("Deployment web"));
    assert.deepEqual(its, [{ from: "namespaces with web-client: true", to: "Deployment web", ports: [8080] }]);
    assert.ok(all.length > its.length);
  });

  it("complies with every policy, also in prod", async () => {
    assert.equal(recording.resources.filter(({ name }) => name.startsWith("web-")).length, 6);
    const { resources } = await record(start, { stack: "prod", config: settings("prod"), secretKeys });
    const { stops, remarks } = findings(resources, "prod");
    assert.deepEqual([...stops, ...remarks.filter((text) => text.includes("/web"))], []);
  });

  it("deploys what is counted against the quota, before anything is created", async () => {
    const { spec } = recording.one("kubernetes:apps/v1:Deployment", "web").inputs;
    const { pods, containers } = web.footprint;
    assert.deepEqual([spec.replicas as unknown, spec.template.spec.containers[0].resources], [pods, containers.web]);
    const config = settings("dev", { "nacos-platform:tenancy": '{"quota":{"pods":1}}' });
    const { resources } = await record(() => assert.throws(start, /Deployment\/web +3 pods/), {
      stack: "dev",
      config,
      secretKeys,
    });
    assert.deepEqual(resources, []);
  });
});
