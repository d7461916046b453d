import * as assert from "node:assert/strict";
import { parseImage } from "../../policy-pack/lib/image";
import { noLatestImage as policy } from "../../policy-pack/rules/images/no-latest-image";
import {
  changed,
  check,
  container,
  goodCronJob,
  goodPod,
  goodStatefulSet,
  passes,
  podSpec,
  types,
  unknown,
  violations,
} from "./support";

const untagged = (where: string, image: string) =>
  `${where}: image "${image}" has no tag, which means "latest". Name a version tag or a digest.`;
const latest = (where: string, image: string) =>
  `${where}: image "${image}" has the tag "latest", which changes. Name a version tag or a digest.`;
const main = 'StatefulSet nacos/db, container "main"';
const digest = `sha256:${"0f".repeat(32)}`;

describe("no-latest-image", () => {
  passes(policy);

  check(policy, [
    {
      title: "stops the tag latest",
      path: `${container}.image`,
      value: "mysql:latest",
      says: [latest(main, "mysql:latest")],
    },
    {
      title: "stops an image without a tag",
      path: `${container}.image`,
      value: "mysql",
      says: [untagged(main, "mysql")],
    },
    {
      title: "does not take a registry's port for a tag",
      path: `${container}.image`,
      value: "host:5000/nacos",
      says: [untagged(main, "host:5000/nacos")],
    },
    { title: "stops an empty tag", path: `${container}.image`, value: "mysql:", says: [untagged(main, "mysql:")] },
    { title: "stops an empty digest", path: `${container}.image`, value: "mysql@", says: [untagged(main, "mysql@")] },
    {
      title: "stops a missing image",
      path: `${container}.image`,
      value: undefined,
      says: [`${main}: image is not set. Name an image with a version tag or a digest.`],
    },
    {
      title: "looks at init containers",
      path: `${podSpec}.initContainers.0.image`,
      value: "mysql",
      says: [untagged('StatefulSet nacos/db, init container "prepare"', "mysql")],
    },
    {
      title: "looks at ephemeral containers",
      type: types.Pod,
      from: goodPod,
      path: "spec.ephemeralContainers",
      value: [{ name: "debug", image: "busybox:latest" }],
      says: [latest('Pod nacos/db, ephemeral container "debug"', "busybox:latest")],
    },
    {
      title: "looks at the pods of a CronJob",
      type: types.CronJob,
      from: goodCronJob,
      path: "spec.jobTemplate.spec.template.spec.containers.0.image",
      value: "mysql",
      says: [untagged('CronJob nacos/db, container "main"', "mysql")],
    },
    { title: "passes a digest without a tag", path: `${container}.image`, value: `mysql@${digest}`, says: [] },
    {
      title: "passes latest that a digest pins",
      path: `${container}.image`,
      value: `mysql:latest@${digest}`,
      says: [],
    },
    {
      title: "passes a tag that only begins with latest",
      path: `${container}.image`,
      value: "mysql:latest-8.4.6",
      says: [],
    },
    { title: "passes a repository called latest", path: `${container}.image`, value: "latest/latest:1.0", says: [] },
    {
      title: "leaves an image that is not known yet to the update",
      path: `${container}.image`,
      value: unknown,
      says: [],
    },
  ]);

  it("still evaluates the other containers when one image is not known yet", () => {
    const props = changed(
      changed(goodStatefulSet, `${container}.image`, unknown),
      `${podSpec}.initContainers.0.image`,
      "mysql",
    );
    assert.deepEqual(violations(policy, types.StatefulSet, props), [
      untagged('StatefulSet nacos/db, init container "prepare"', "mysql"),
    ]);
  });

  it("names a container without a name by its place", () => {
    const props = changed(goodStatefulSet, container, { image: "mysql" });
    assert.deepEqual(violations(policy, types.StatefulSet, props), [
      untagged('StatefulSet nacos/db, container "#0"', "mysql"),
    ]);
  });

  it("names an object without metadata by its Pulumi name, in the default namespace", () => {
    const props = changed({}, podSpec, { containers: [{ name: "main", image: "mysql" }] });
    assert.deepEqual(violations(policy, types.Deployment, props), [
      untagged('Deployment default/logical-name, container "main"', "mysql"),
    ]);
  });
});

describe("exemptions", () => {
  const bad = changed(goodStatefulSet, `${container}.image`, "mysql");
  const says = (props: typeof bad, ...exempt: string[]) => violations(policy, types.StatefulSet, props, exempt);

  for (const entry of ["nacos/db", "nacos/db/main"]) {
    it(`${entry} covers the container main of nacos/db`, () => assert.deepEqual(says(bad, "other/one", entry), []));
  }
  for (const entry of ["nacos/db/prepare", "nacos/db2", "default/db", "db", "*/db"]) {
    it(`${entry} does not`, () => assert.deepEqual(says(bad, entry), [untagged(main, "mysql")]));
  }

  it("wait for the update when the namespace is not known yet", () => {
    const props = changed(bad, "metadata.namespace", unknown);
    assert.deepEqual(says(props, "nacos/db"), []);
    assert.deepEqual(says(props, "nacos/other"), [untagged('StatefulSet (unknown)/db, container "main"', "mysql")]);
  });

  it("wait for the update when the metadata are not known yet", () => {
    assert.deepEqual(says(changed(bad, "metadata", unknown), "nacos/db"), []);
  });
});

describe("parseImage", () => {
  const cases: [string, ReturnType<typeof parseImage>][] = [
    ["mysql", { repository: "mysql", tag: undefined, digest: undefined }],
    ["mysql:8.4", { repository: "mysql", tag: "8.4", digest: undefined }],
    ["localhost:5000/a/b", { repository: "localhost:5000/a/b", tag: undefined, digest: undefined }],
    [`localhost:5000/a/b:1@${digest}`, { repository: "localhost:5000/a/b", tag: "1", digest }],
  ];
  for (const [reference, parts] of cases) it(reference, () => assert.deepEqual(parseImage(reference), parts));
});
