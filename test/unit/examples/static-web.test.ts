import assert from "node:assert/strict";
import { StaticWeb, staticWebFootprint } from "../../../examples/static-web/static-web";
import { policies } from "../../../policy-pack/policies";
import { violations } from "../../policy/support";
import { connections } from "../../support/network";
import { secretKeys, settings, start } from "../../support/program";
import { record, type Recording } from "../../support/recorder";

describe("a component of the user's next to the platform", () => {
  let recording: Recording<unknown>;
  before(async () => {
    recording = await record(() => {
      const { namespace } = start();
      return new StaticWeb("web", { namespace, priorityClassName: "platform", image: "registry.example.com/httpd:2.4.65", files: { "index.html": "<h1>House rules</h1>" }, clientNamespaceLabels: { "web-client": "true" } });
    }, { stack: "dev", config: settings("dev"), secretKeys });
  });

  it("is reached by the namespaces that it admits, and changes no connection of the others", () => {
    const all = connections(recording);
    const its = all.filter(({ from, to }) => `${from} ${to}`.includes("Deployment web"));
    assert.deepEqual(its, [{ from: "namespaces with web-client: true", to: "Deployment web", ports: [8080] }]);
    assert.ok(all.length > its.length);
  });

  it("keeps to every policy", () => {
    const its = recording.resources.filter(({ name }) => name.startsWith("web-"));
    assert.equal(its.length, 5);
    assert.deepEqual(its.flatMap((r) => policies.flatMap((policy) => ("validateResource" in policy ? violations(policy, r.type, r.inputs) : []))), []);
  });

  it("deploys what was counted against the quota", () => {
    const { spec } = recording.one("kubernetes:apps/v1:Deployment", "web").inputs;
    const { pods, containers } = staticWebFootprint();
    assert.deepEqual([spec.replicas as unknown, spec.template.spec.containers[0].resources], [pods, containers.web]);
  });
});
