import * as assert from "node:assert/strict";
import { awaitTimeoutCoversStartup } from "../../policy-pack/rules/pulumi/await-timeout-covers-startup";
import {
  changed,
  container,
  goodJob,
  goodStatefulSet,
  passes,
  type Props,
  types,
  unknown,
  violations,
} from "./support";

describe("await-timeout-covers-startup", () => {
  passes(awaitTimeoutCoversStartup);
  const says = (kind: string, ...waits: [step: string, needed: number, seconds: number][]) =>
    waits.map(
      ([step, needed, seconds]) =>
        `${kind} nacos/db: it may take ${needed} s, and Pulumi waits ${seconds} s. Raise customTimeouts.${step}, or lower what it may take.`,
    );
  const with1000s = (props: Props, more: Readonly<Record<string, unknown>> = {}) =>
    Object.entries({ [`${container}.startupProbe`]: { periodSeconds: 2, failureThreshold: 500 }, ...more }).reduce(
      (all, [path, value]) => changed(all, path, value),
      props,
    );
  const found = (props: Props, customTimeouts?: object, type = types.StatefulSet) =>
    violations(awaitTimeoutCoversStartup, type, props, [], { opts: { customTimeouts } });
  const parallel = { "spec.podManagementPolicy": "Parallel" };

  it("compares with the ten minutes of the provider", () => {
    const all = says("StatefulSet", ["create", 1000, 600], ["update", 1030, 600]);
    assert.deepEqual(found(with1000s(goodStatefulSet, parallel)), all);
    assert.deepEqual(found(with1000s(goodStatefulSet, parallel), { createSeconds: 0, updateSeconds: 0 }), all);
  });

  it("adds up pods that start one after the other, and what an update waits for besides", () => {
    const props = with1000s(goodStatefulSet, { "spec.minReadySeconds": 15 });
    assert.deepEqual(
      found(props, { createSeconds: 2999, updateSeconds: 3044 }),
      says("StatefulSet", ["create", 3000, 2999], ["update", 3045, 3044]),
    );
    assert.deepEqual(found(props, { createSeconds: 3000, updateSeconds: 3045 }), []);
  });

  it("knows the annotation that says how long, and the one that waits for nothing", () => {
    const annotated = (name: string, value: unknown) =>
      found(with1000s(goodStatefulSet, { ...parallel, "metadata.annotations": { [`pulumi.com/${name}`]: value } }));
    assert.deepEqual(annotated("timeoutSeconds", "1030"), []);
    assert.equal(annotated("timeoutSeconds", "900").length, 2);
    assert.deepEqual(annotated("skipAwait", "true"), []);
    assert.equal(annotated("skipAwait", "false").length, 2);
    for (const name of ["timeoutSeconds", "skipAwait"]) assert.deepEqual(annotated(name, unknown), []);
  });

  it("passes what is not known yet", () => {
    const probe = { periodSeconds: unknown, failureThreshold: 500 };
    assert.deepEqual(found(changed(goodStatefulSet, `${container}.startupProbe`, probe)), []);
    assert.deepEqual(found(with1000s(goodStatefulSet, { "spec.replicas": unknown })), []);
    assert.equal(found(with1000s(goodStatefulSet, { "spec.podManagementPolicy": unknown })).length, 2);
  });

  it("goes by the deadline of a Job", () => {
    const job = changed(goodJob, "spec.activeDeadlineSeconds", 700);
    assert.deepEqual(found(job, {}, types.Job), says("Job", ["create", 700, 600], ["update", 700, 600]));
    assert.deepEqual(found(job, { createSeconds: 700, updateSeconds: 700 }, types.Job), []);
  });
});
