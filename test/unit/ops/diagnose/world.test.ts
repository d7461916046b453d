import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import type { StackCluster } from "../../../../ops/cluster";
import { run } from "../../../../ops/diagnose/check";
import { CHECKS } from "../../../../ops/diagnose/checks";
import { World } from "../../../../ops/diagnose/world";
import { NOW } from "./objects";

const root = path.resolve(__dirname, "../../../..");

describe("the checks of `ops diagnose`, all together", () => {
  const worldOf = (get: (path: string) => Promise<unknown>) =>
    new World(
      { stack: "prod", namespace: "n", mysql: { mode: "cluster" }, api: { get, text: get } } as unknown as StackCluster,
      NOW,
    );

  it("are unknown if the API server hangs or cannot be reached, each with the reason, and end in time", async () => {
    for (const get of [() => new Promise<never>(() => undefined), () => Promise.reject(new Error("refused"))]) {
      const results = await Promise.all(CHECKS.map((check) => run(check, worldOf(get), 50)));
      assert.deepEqual([...new Set(results.map(({ verdict }) => verdict))], ["unknown"]);
      for (const { problems } of results) assert.match(problems[0].reason, /no answer within 0\.05 s|refused/);
    }
  });

  it("read the same thing once", async () => {
    const asked: string[] = [];
    const world = worldOf((what) => {
      asked.push(what);
      return Promise.resolve({ items: [] });
    });
    await Promise.all([world.pods(), world.pods(), world.list("apps/v1", "deployments")]);
    assert.deepEqual(asked, ["/api/v1/namespaces/n/pods", "/apis/apps/v1/namespaces/n/deployments"]);
  });

  it("do not ask for servers of an external MySQL", async () => {
    const external = { mysql: { mode: "external" } } as unknown as StackCluster;
    for (const name of ["replication", "connections", "certificates"]) {
      const check = CHECKS.find((one) => one.name === name);
      assert.equal(check && (await run(check, new World(external, NOW), 1000)).verdict, "ok");
    }
  });

  it("have different names, and each is on the command's page", () => {
    const names = CHECKS.map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
    const page = fs.readFileSync(path.join(root, "docs/runbooks/diagnose.md"), "utf8");
    assert.deepEqual(
      names.filter((name) => !page.includes(`| \`${name}\` |`)),
      [],
    );
  });

  it("lead to pages and headings that exist", () => {
    const folder = path.join(root, "ops/diagnose");
    const sources = fs
      .readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .map((file) => fs.readFileSync(path.join(folder, file), "utf8"));
    const links = sources.flatMap((text) => [...text.matchAll(/docs\/[\w/-]+\.md(?:#[\w-]+)?/g)].map(([link]) => link));
    assert.ok(links.length > 15, `only ${links.length} links were found`);
    for (const link of new Set(links)) {
      const [page, anchor] = link.split("#");
      const text = fs.readFileSync(path.join(root, page), "utf8");
      const anchors = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
        heading
          .toLowerCase()
          .replaceAll(/[^\w -]/g, "")
          .replaceAll(" ", "-"),
      );
      assert.ok(anchor === undefined || anchors.includes(anchor), link);
    }
  });
});
