import assert from "node:assert/strict";
import { imageVersion, pulledFrom } from "../../../contract/image";

describe("the version in an image reference", () => {
  for (const [reference, version] of [
    ["docker.io/nacos/nacos-server:v2.5.1", "2.5.1"],
    ["nacos-server:2.2.4", "2.2.4"],
    ["registry.local:5000/a/b_c/d:v3.1.0-slim", "3.1.0"],
    ["docker.io/library/mysql:8.4", "8.4"],
    ["mysql:8.4.7-oraclelinux9", "8.4.7"],
    [`mysql:9.7.4@sha256:${"a".repeat(64)}`, "9.7.4"],
  ]) {
    it(`is ${version} for ${reference}`, () => assert.equal(imageVersion(reference)?.version, version));
  }

  for (const reference of [
    "nacos-server",
    "nacos-server:latest",
    "nacos-server:v2",
    "nacos-server:2.x",
    "registry.local:5000/nacos",
    "Nacos:2.5.1",
    "nacos: 2.5.1",
    "",
    `mysql@sha256:${"a".repeat(64)}`,
  ]) {
    it(`is unknown for "${reference}"`, () => assert.equal(imageVersion(reference), undefined));
  }
});

describe("the registry of an image", () => {
  it("replaces docker.io and no other registry", () => {
    const registry = "registry.example.com:5000/mirror";
    assert.equal(pulledFrom(registry, "docker.io/library/mysql:9.7.2"), `${registry}/library/mysql:9.7.2`);
    assert.equal(pulledFrom(registry, "quay.io/library/mysql:9.7.2"), "quay.io/library/mysql:9.7.2");
    assert.equal(pulledFrom(registry, "docker.io.example.com/mysql:9.7.2"), "docker.io.example.com/mysql:9.7.2");
    assert.equal(pulledFrom(undefined, "docker.io/library/mysql:9.7.2"), "docker.io/library/mysql:9.7.2");
  });
});
