import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { ApiError, type KubernetesApi } from "../../../clients/kubernetes/api";
import {
  isOwn,
  namespaceUid,
  recordedCluster,
  requireConsent,
  type Whereabouts,
} from "../../../sandbox/deploy/own-cluster";
import type { Stack } from "../../../sandbox/deploy/stack";
import { UserError } from "../../../sandbox/errors";
import { CommandError } from "../../../sandbox/exec";

const place: Whereabouts = {
  stack: "prod",
  context: "staging",
  server: "https://10.0.0.1:6443",
  kubeContext: "prod-cluster",
  backend: "s3://state",
  recorded: undefined,
  found: { cluster: "0" },
};

const namespace = { name: "nacos-prod", uid: "1" };
const recorded = { namespace, cluster: undefined };

describe("a cluster that a context names", () => {
  it("is a stack's own before its first deployment if the stack file names it", () => {
    assert.equal(isOwn(place), false);
    assert.equal(isOwn({ ...place, found: { namespace: "of another", cluster: "0" } }), false);
    assert.equal(isOwn({ ...place, context: "prod-cluster" }), true);
  });

  it("is its own afterwards if it has the very namespace, whatever the context is called", () => {
    assert.equal(isOwn({ ...place, recorded, found: { namespace: "1", cluster: "0" } }), true);
    assert.equal(
      isOwn({ ...place, recorded: { namespace, cluster: "0" }, found: { namespace: "1", cluster: "0" } }),
      true,
    );
  });

  it("is refused if the stack is deployed to another", () => {
    const message = (what: string) =>
      `according to its state in s3://state, stack "prod" is deployed to another cluster than https://10.0.0.1:6443 (context "staging"), which has ${what} namespace nacos-prod. Nothing was changed. Set CONTEXT to the context of its cluster. If that cluster is lost, and this one is to replace it: docs/runbooks/mysql-restore.md.`;
    assert.throws(() => isOwn({ ...place, recorded }), { message: message("no") });
    assert.throws(() => isOwn({ ...place, recorded, found: { namespace: "2", cluster: "0" } }), {
      message: message("another"),
    });
    assert.throws(() => isOwn({ ...place, recorded: { namespace, cluster: "9" } }), { message: message("no") });
    assert.throws(() => isOwn({ ...place, context: "prod-cluster", recorded }), UserError);
  });
});

describe("a namespace that somebody has deleted", () => {
  it("is not taken for another cluster", () =>
    assert.throws(() => isOwn({ ...place, recorded: { namespace, cluster: "0" } }), {
      message:
        'cluster https://10.0.0.1:6443 (context "staging") has no namespace nacos-prod: somebody has deleted the one of stack "prod". Nothing was changed. To make everything again, and then restore MySQL: pulumi up --stack prod --refresh, and docs/runbooks/mysql-restore.md.',
    }));

  it("may be another's by now", () =>
    assert.throws(
      () => isOwn({ ...place, recorded: { namespace, cluster: "0" }, found: { namespace: "2", cluster: "0" } }),
      /has another namespace nacos-prod: somebody has deleted the one of stack "prod"\. Nothing was changed\. Find out whose it is before anything else\.$/,
    ));
});

describe("the consent to deploy to another cluster", () => {
  const terminal = (typed: string) => Object.assign(new PassThrough(), { isTTY: true }).end(typed);
  it("is the context's name, typed at a terminal", async () => {
    const screen = new PassThrough();
    await requireConsent(place, terminal("staging\n"), screen);
    assert.match(
      String(screen.read()),
      /stack "prod" is configured for context "prod-cluster", and was never deployed to "staging", cluster https:\/\/10\.0\.0\.1:6443\.\n.*Type staging to deploy it there: /s,
    );
  });

  for (const typed of ["y\n", "\n", "", "prod-cluster\nstaging\n"]) {
    it(`is not ${JSON.stringify(typed)}`, () =>
      assert.rejects(requireConsent(place, terminal(typed), new PassThrough()), {
        message: "that is not staging: nothing was changed.",
      }));
  }

  it("cannot be given without a terminal, where the stack file has to say it", () =>
    assert.rejects(requireConsent(place, new PassThrough()), {
      message:
        'stack "prod" is configured for context "prod-cluster", and was never deployed to "staging", cluster https://10.0.0.1:6443. Nothing was changed. There is no terminal to ask for consent. If this is its cluster, set it in the stack file first: pulumi config set --stack prod nacos-platform:kubeContext staging',
    }));
});

describe("where a stack is deployed", () => {
  const stack = (answer: () => Promise<string>) => ({ target: { project: "/p" }, pulumi: answer }) as unknown as Stack;
  const state = (...resources: object[]) => stack(() => Promise.resolve(JSON.stringify({ deployment: { resources } })));

  it("is told by the namespace in its state, not by the one that it only reads, and by the cluster that it has noted", async () => {
    const read = {
      type: "kubernetes:core/v1:Namespace",
      external: true,
      outputs: { metadata: { name: "kube-system", uid: "9" } },
    };
    const own = { type: "kubernetes:core/v1:Namespace", outputs: { metadata: { ...namespace, labels: {} } } };
    const stash = (name: string, output: unknown) => ({
      type: "pulumi:index:Stash",
      urn: `urn:pulumi:prod::nacos-platform::nacos-platform:tenancy:Tenancy$pulumi:index:Stash::${name}`,
      outputs: { output },
    });
    assert.deepEqual(await recordedCluster(state({ type: "pulumi:pulumi:Stack" }, read, own)), recorded);
    assert.deepEqual(
      await recordedCluster(state(stash("nacos-rollout", {}), stash("tenancy-cluster", "0"), read, own)),
      { namespace, cluster: "0" },
    );
    for (const none of [
      state(),
      state({ type: "kubernetes:core/v1:Namespace" }),
      stack(() => Promise.resolve('{"version":3}')),
    ])
      assert.equal(await recordedCluster(none), undefined);
  });

  it("is nowhere while there is no such stack, and unknown if the state cannot be read", async () => {
    const failing = (output: string) => stack(() => Promise.reject(new CommandError("pulumi", 255, output)));
    assert.equal(await recordedCluster(failing("error: no stack named 'prod' found")), undefined);
    await assert.rejects(recordedCluster(failing("error: access denied")), /access denied/);
  });

  it("is told by the cluster", async () => {
    const api = (answer: Promise<unknown>) => ({ get: () => answer }) as unknown as KubernetesApi;
    assert.equal(await namespaceUid(api(Promise.resolve({ metadata: { uid: "1" } })), "nacos-prod"), "1");
    assert.equal(await namespaceUid(api(Promise.reject(new ApiError(404, "none"))), "nacos-prod"), undefined);
    await assert.rejects(namespaceUid(api(Promise.reject(new ApiError(403, "no"))), "nacos-prod"), /no/);
  });
});
