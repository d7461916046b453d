import assert from "node:assert/strict";
import type * as k8s from "@pulumi/kubernetes";
import { transformed } from "../../../kube/transform";

describe("a transform", () => {
  const made: k8s.types.input.core.v1.ServiceSpec = { ports: [{ port: 80 }] };

  it("receives the arguments, and returns those that are used instead", () => {
    assert.deepEqual(
      transformed((spec: typeof made) => ({ ...spec, type: "LoadBalancer" }), made),
      { ports: [{ port: 80 }], type: "LoadBalancer" },
    );
  });

  it("that is undefined changes nothing", () => assert.equal(transformed(undefined, made), made));
});
