import assert from "node:assert/strict";
import { ApiError, type KubernetesApi } from "../../../../clients/kubernetes/api";
import { useClock } from "../../../support/clock";
import { boundClaims, classesWithoutGrowth, growClaims, isTakenAway } from "../../../../clients/kubernetes/claims";

const NAMESPACE = "/api/v1/namespaces/nacos-x";
const SET = "/apis/apps/v1/namespaces/nacos-x/statefulsets/mysql";
const CLASSES = "/apis/storage.k8s.io/v1/storageclasses";
const wanted = { namespace: "nacos-x", name: "mysql", replicas: 2, storageGiB: 10, manager: "pulumi-x" };

type Tree = Record<string, unknown>;

const claim = (name: string, size: string, capacity: string | null = size) => ({
  metadata: { name },
  spec: { storageClassName: "fast", resources: { requests: { storage: size } } },
  status: { ...(capacity === null ? {} : { capacity: { storage: capacity } }) },
});

const set = (size: string): Tree => ({
  metadata: { name: "mysql", namespace: "nacos-x", uid: "1", labels: { app: "mysql" }, managedFields: [{}] },
  spec: {
    replicas: 2,
    volumeClaimTemplates: [
      {
        metadata: { name: "data", creationTimestamp: null },
        spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: size } } },
        status: { phase: "Pending" },
      },
    ],
  },
  status: { replicas: 2 },
});

/** The API server, as far as claims are concerned. A driver lets every volume grow at once. */
class Api {
  readonly objects = new Map<string, Tree>();
  readonly changes: string[] = [];
  /** Where the program is killed, if anywhere. */
  dieBefore: string | undefined;
  refuses = false;

  constructor(claims: readonly Tree[], statefulSet?: Tree) {
    for (const object of claims)
      this.objects.set(`${NAMESPACE}/persistentvolumeclaims/${(object.metadata as { name: string }).name}`, object);
    if (statefulSet !== undefined) this.objects.set(SET, statefulSet);
  }

  private log(change: string): void {
    if (change === this.dieBefore) throw new Error("killed");
    this.changes.push(change);
  }

  get(path: string): Promise<unknown> {
    if (path.endsWith("/persistentvolumeclaims"))
      return Promise.resolve({
        items: [...this.objects].filter(([key]) => key.startsWith(`${path}/`)).map(([, object]) => object),
      });
    const found = this.objects.get(path);
    return found === undefined ? Promise.reject(new ApiError(404, path)) : Promise.resolve(found);
  }

  patch(path: string, body: Tree): Promise<unknown> {
    const found = this.objects.get(path) as ReturnType<typeof claim>;
    this.log(`grow ${found.metadata.name}`);
    const { storage } = (body.spec as ReturnType<typeof claim>["spec"]).resources.requests;
    this.objects.set(path, claim(found.metadata.name, storage));
    return Promise.resolve({});
  }

  create(path: string, body: Tree): Promise<unknown> {
    this.log("keep");
    this.objects.set(`${path}/${(body.metadata as { name: string }).name}`, body);
    return Promise.resolve({});
  }

  delete(path: string, dependents?: string): Promise<unknown> {
    if (!this.objects.has(path)) return Promise.reject(new ApiError(404, path));
    this.log(`delete ${path.split("/").at(-1)} ${dependents ?? ""}`.trim());
    this.objects.delete(path);
    return Promise.resolve({});
  }

  apply(path: string, manager: string, object: Tree, { onlyCheck = false } = {}): Promise<unknown> {
    this.log(`${onlyCheck ? "check" : "apply"} ${(object.metadata as { name: string }).name} as ${manager}`);
    if (this.refuses) return Promise.reject(new ApiError(403, "a webhook says no"));
    if (!onlyCheck) this.objects.set(path, object);
    return Promise.resolve({});
  }
}

const as = (api: Api) => api as unknown as KubernetesApi;
const grow = (api: Api) => growClaims(as(api), wanted, () => undefined);
const templateOf = (api: Api) => (api.objects.get(SET)!.spec as { volumeClaimTemplates: unknown }).volumeClaimTemplates;

describe("the claims of a StatefulSet", () => {
  useClock();

  it("are those of its servers that have a volume", async () => {
    const claims = [
      claim("data-mysql-0", "5Gi"),
      claim("data-mysql-1", "5Gi", null),
      claim("data-mysql-2", "5Gi"),
      claim("data-mysql-x-0", "5Gi"),
      claim("data-nacos-0", "5Gi"),
      claim("mysql-backups", "5Gi"),
    ];
    assert.deepEqual(
      (await boundClaims(as(new Api(claims)), wanted)).map(({ metadata }) => metadata.name),
      ["data-mysql-0"],
    );
  });

  it("grow only if their class says so", async () => {
    const api = new Api([]);
    api.objects.set(`${CLASSES}/fast`, { allowVolumeExpansion: true });
    api.objects.set(`${CLASSES}/slow`, {});
    const of = (storageClassName: string) => ({
      ...claim("c", "1Gi"),
      spec: { ...claim("c", "1Gi").spec, storageClassName },
    });
    assert.deepEqual(await classesWithoutGrowth(as(api), [of("fast"), of("slow"), of("slow"), of("gone")]), [
      "slow",
      "gone",
    ]);
  });

  const all = [
    "grow data-mysql-0",
    "grow data-mysql-1",
    "check mysql-growing as pulumi-x",
    "keep",
    "delete mysql Orphan",
    "apply mysql as pulumi-x",
    "delete mysql-growing",
  ];
  const made = () => new Api([claim("data-mysql-0", "5Gi"), claim("data-mysql-1", "5Gi")], set("5Gi"));

  it("grow, and the set is created again with the size, without its servers", async () => {
    const api = made();
    await grow(api);
    assert.deepEqual(api.changes, all);
    assert.deepEqual(templateOf(api), [
      {
        metadata: { name: "data" },
        spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "10Gi" } } },
      },
    ]);
    const { metadata, spec, status } = api.objects.get(SET) as { metadata: Tree; spec: Tree; status: unknown };
    assert.deepEqual(
      [metadata, spec.replicas, status],
      [{ name: "mysql", namespace: "nacos-x", labels: { app: "mysql" } }, 2, undefined],
    );
  });

  for (const step of all) {
    it(`are finished by the next update if one was killed before "${step}"`, async () => {
      const api = made();
      api.dieBefore = step;
      await assert.rejects(grow(api), { message: "killed" });
      api.dieBefore = undefined;
      await grow(api);
      assert.deepEqual((templateOf(api) as { spec: { resources: Tree } }[])[0].spec.resources, {
        requests: { storage: "10Gi" },
      });
      assert.deepEqual(
        [...api.objects.keys()].filter((path) => path.includes("configmaps")),
        [],
      );
      assert.deepEqual(
        (await boundClaims(as(api), wanted)).map(({ spec }) => spec.resources.requests.storage),
        ["10Gi", "10Gi"],
      );
    });
  }

  it("are not changed if they are large enough, or if there are none", async () => {
    for (const api of [new Api([claim("data-mysql-0", "10Gi")], set("10Gi")), new Api([])]) {
      await grow(api);
      assert.deepEqual(api.changes, []);
    }
  });

  it("stay with their set if the new set would be refused", async () => {
    const api = made();
    api.refuses = true;
    await assert.rejects(grow(api), /a webhook says no/);
    assert.ok(api.objects.has(SET));
  });

  it("are known to lack their set after an interrupted update", async () => {
    const api = made();
    assert.equal(await isTakenAway(as(api), wanted), false);
    api.dieBefore = "apply mysql as pulumi-x";
    await assert.rejects(grow(api));
    assert.equal(await isTakenAway(as(api), wanted), true);
    assert.equal(await isTakenAway(as(new Api([])), wanted), false);
  });

  it("grow by their volume first, and by their file system when their server runs; if by neither, the reason is reported", async () => {
    const growing = (type: string, message: string) => ({
      ...claim("data-mysql-0", "10Gi", "5Gi"),
      status: { capacity: { storage: "5Gi" }, conditions: [{ type, status: "True", message }] },
    });
    const told: string[] = [];
    await growClaims(as(new Api([growing("FileSystemResizePending", "")])), wanted, (progress) => told.push(progress));
    assert.deepEqual(told, [
      "data-mysql-0: its volume has grown, and its file system will grow when its server's node mounts it",
    ]);
    await assert.rejects(grow(new Api([growing("Resizing", "the driver is out of room")])), {
      message:
        "data-mysql-0: its volume has 5Gi and does not grow to 10Gi: Resizing: the driver is out of room. The next update waits again",
    });
  });
});
