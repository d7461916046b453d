import * as assert from "node:assert/strict";
import { longestPause } from "../../policy-pack/lib/cron";
import { requireImageDigest } from "../../policy-pack/rules/images/require-image-digest";
import { dataBackedUp } from "../../policy-pack/rules/stack/data-backed-up";
import { oddQuorum } from "../../policy-pack/rules/stack/odd-quorum";
import { cases } from "./stack-support";
import {
  changed,
  goodCronJob,
  goodStatefulSet,
  type Member,
  type Props,
  stackViolations,
  types,
  unknown,
} from "./support";

const digest = `sha256:${"0123456789abcdef".repeat(4)}`;

describe("the longest pause of a schedule", () => {
  for (const [schedule, hours] of [
    ["0 */6 * * *", 6],
    ["@daily", 24],
    ["0 1,13 * * *", 12],
    ["0 8-17 * * MON-FRI", 63],
    ["0 0 1 * MON", 168],
    ["0 0 29 2 *", 4 * 365.25 * 24],
    ["61 * * * *", undefined],
    [unknown, undefined],
  ] as const)
    it(`${schedule}: ${hours ?? "none"}`, () => assert.equal(longestPause(schedule), hours));
});

const stackOf = (parts: Readonly<Record<string, Member>>, changes: Readonly<Record<string, unknown>> = {}) =>
  Object.entries(parts).map(([name, member]) => {
    const own = Object.entries(changes).filter(([where]) => where.startsWith(`${name} `));
    return {
      ...member,
      props: own.reduce((props, [where, value]) => changed(props, where.split(" ")[1], value), member.props),
    };
  });
const member = (
  type: string,
  name: string,
  props: Props,
  annotations: Readonly<Record<string, unknown>> = {},
): Member => ({
  type,
  name,
  props: changed(changed(props, "metadata.name", name), "metadata.annotations", annotations),
});
const marks = (values: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [`nacos-platform/${key}`, value]));

const volumes = "spec.jobTemplate.spec.template.spec.volumes";
const job = changed(goodCronJob, volumes, [{ name: "store", persistentVolumeClaim: { claimName: "backups" } }]);
const backedUp = {
  db: member(types.StatefulSet, "db", goodStatefulSet, marks({ backup: "backup" })),
  backup: member(types.CronJob, "backup", changed(job, "spec.schedule", "0 */6 * * *"), marks({ "off-site": "s3" })),
  verify: member(types.CronJob, "verify", job, marks({ verifies: "backup" })),
};
const annotations = "metadata.annotations";

cases(dataBackedUp, [
  ["passes data that is backed up, and backups that are verified", stackOf(backedUp), []],
  [
    "stops data that nothing backs up",
    stackOf({ db: backedUp.db }, { [`db ${annotations}`]: { "nacos-platform/no-backup": "cache" } }),
    [
      "[db] StatefulSet nacos/db: it holds data. Annotate it with nacos-platform/backup, or with nacos-platform/no-backup and a reason of 15 characters.",
    ],
  ],
  [
    "passes data that needs no backup, with the reason",
    stackOf(
      { db: backedUp.db },
      { [`db ${annotations}`]: marks({ "no-backup": "a cache, filled again at the start" }) },
    ),
    [],
  ],
  [
    "stops the claim of a Deployment, unless that is only read",
    [
      ...[undefined, true].map((readOnly) =>
        member(types.Deployment, `reads ${readOnly}`, {
          metadata: { namespace: "nacos" },
          spec: {
            template: { spec: { volumes: [{ name: "a", persistentVolumeClaim: { claimName: "a", readOnly } }] } },
          },
        }),
      ),
    ],
    [
      "[reads undefined] Deployment nacos/reads undefined: it holds data. Annotate it with nacos-platform/backup, or with nacos-platform/no-backup and a reason of 15 characters.",
    ],
  ],
  [
    "stops a backup that does not exist",
    stackOf({ db: backedUp.db }),
    [
      '[db] StatefulSet nacos/db: CronJob nacos/"backup" does not exist in the stack. Create it, or correct the annotation.',
    ],
  ],
  ["waits for names that are not known yet", stackOf(backedUp, { "backup metadata.name": unknown }), []],
  [
    "waits for marks that are not known yet",
    stackOf(backedUp, { [`verify ${annotations}`]: unknown, [`backup ${annotations}`]: unknown }),
    [],
  ],
  ["passes data that is not known yet", stackOf({ db: backedUp.db }, { "db spec.volumeClaimTemplates": unknown }), []],
  [
    "stops backups that are late, overlap, and stay on no claim",
    stackOf(backedUp, {
      "backup spec": { schedule: "0 0 * * 1-6", suspend: true },
      [`backup ${annotations}`]: {},
    }),
    [
      "[backup] CronJob nacos/backup: it is suspended, so it never runs. Leave suspend out.",
      '[backup] CronJob nacos/backup: schedule "0 0 * * 1-6" leaves up to 48 hours between two runs. Run it at least every 24 hours.',
      '[backup] CronJob nacos/backup: concurrencyPolicy is "Allow". Set it to "Forbid".',
      "[backup] CronJob nacos/backup: its backups are on no claim, so they end with the pod. Mount a claim.",
      "[verify] CronJob nacos/verify: it mounts no claim and no Secret that CronJob backup mounts, so it reads other backups. Mount the same one.",
    ],
  ],
  [
    "stops backups that nothing verifies",
    stackOf(backedUp, { [`verify ${annotations}`]: {} }),
    [
      "[backup] CronJob nacos/backup: no CronJob verifies its backups. Create one with the annotation nacos-platform/verifies.",
    ],
  ],
  [
    "stops a verification that is suspended, endless, and reads the live data",
    stackOf(backedUp, {
      "verify spec.suspend": true,
      "verify spec.jobTemplate.spec.activeDeadlineSeconds": 100_000,
      [`verify ${volumes}`]: [
        { name: "store", persistentVolumeClaim: { claimName: "backups" } },
        { name: "live", persistentVolumeClaim: { claimName: "data-db-0" } },
      ],
    }),
    [
      "[verify] CronJob nacos/verify: it is suspended, so it never runs. Leave suspend out.",
      "[verify] CronJob nacos/verify: activeDeadlineSeconds is 100000, longer than its schedule. Lower it.",
      "[verify] CronJob nacos/verify: it mounts the data of StatefulSet db. Restore to another volume.",
    ],
  ],
]);

describe("data-backed-up in prod", () => {
  it("wants backups every 6 hours, and outside the cluster", () => {
    const late = stackOf(backedUp, { "backup spec.schedule": "0 */8 * * *", [`backup ${annotations}`]: {} });
    assert.deepEqual(stackViolations(dataBackedUp, late, [], { stack: "prod" }), [
      '[backup] CronJob nacos/backup: schedule "0 */8 * * *" leaves up to 8 hours between two runs. Run it at least every 6 hours.',
      "[backup] CronJob nacos/backup: its backups stay in the cluster. Copy them, and annotate nacos-platform/off-site.",
    ]);
    assert.deepEqual(stackViolations(dataBackedUp, stackOf(backedUp), [], { stack: "prod" }), []);
  });
});

const raft = changed(goodStatefulSet, "spec.serviceName", "db-headless");
const peers = (...ordinals: number[]) => [
  { name: "PEERS", value: ordinals.map((ordinal) => `db-${ordinal}.db-headless.nacos.svc:8848`).join(",") },
];
const env = "spec.template.spec.containers.0.env";
const voting = (replicas: unknown, stack: string) =>
  stackViolations(
    oddQuorum,
    [member(types.StatefulSet, "db", changed(raft, "spec.replicas", replicas), marks({ quorum: "true" }))],
    [],
    { stack },
  );
const listing = (...ordinals: number[]) => [member(types.StatefulSet, "db", changed(raft, env, peers(...ordinals)))];
const reads = (value: string): Member => ({
  type: types.ConfigMap,
  name: "config",
  props: { metadata: { name: "config", namespace: "nacos" }, data: { servers: value } },
});

describe("odd-quorum", () => {
  it("counts what votes", () => {
    const says = (replicas: number) => [
      `[db] StatefulSet nacos/db: it votes, and replicas is ${replicas}. Set an odd number, and 3 or more in production.`,
    ];
    for (const [replicas, stack, found] of [
      [3, "prod", []],
      [4, "prod", says(4)],
      [1, "prod", says(1)],
      [1, "dev", []],
      [2, "dev", says(2)],
      [unknown, "prod", []],
    ] as const)
      assert.deepEqual(voting(replicas, stack), found, `${replicas} in ${stack}`);
  });
});

cases(oddQuorum, [
  ["passes two servers that do not vote", [member(types.StatefulSet, "db", changed(raft, "spec.replicas", 2))], []],
  ["passes the complete list of peers", listing(0, 1, 2), []],
  [
    "stops peers that are missing, and peers that do not exist",
    listing(0, 1, 3),
    [
      '[db] StatefulSet nacos/db, variable "PEERS": it names db-3 of StatefulSet db (replicas: 3). Correct the list.',
      '[db] StatefulSet nacos/db, variable "PEERS": it does not name db-2 of StatefulSet db (replicas: 3). Correct the list.',
    ],
  ],
  ["passes one address, which is no list", listing(0), []],
  [
    "only remarks on others that name some of the pods",
    [member(types.StatefulSet, "db", raft), reads("db-1.db-headless, db-2.db-headless")],
    [
      '[config] advisory: ConfigMap nacos/config, key "servers": it does not name db-0 of StatefulSet db (replicas: 3). Correct the list.',
    ],
  ],
  [
    "passes pods of another set, or of another Service",
    [member(types.StatefulSet, "db", raft), reads("my-db-7.db-headless my-db-8.db-headless db-7.other db-8.other")],
    [],
  ],
  [
    "waits for the number",
    [
      member(types.StatefulSet, "db", changed(raft, "spec.replicas", unknown)),
      ...[reads("db-7.db-headless db-8.db-headless")],
    ],
    [],
  ],
  [
    "counts from the first ordinal",
    [
      member(types.StatefulSet, "db", changed(raft, "spec.ordinals", { start: 5 })),
      reads("db-5.db-headless db-6.db-headless db-7.db-headless"),
    ],
    [],
  ],
  [
    "leaves the list of a set that scales to others",
    [
      member(types.StatefulSet, "db", raft),
      reads("db-7.db-headless db-8.db-headless"),
      member(types.HorizontalPodAutoscaler, "scaler", {
        metadata: { namespace: "nacos" },
        spec: { scaleTargetRef: { kind: "StatefulSet", name: "db" }, minReplicas: 3, maxReplicas: 5 },
      }),
    ],
    [],
  ],
]);

const image = (value: unknown) =>
  member(types.Pod, "pod", {
    metadata: { namespace: "nacos" },
    spec: {
      containers: [
        { name: "a", image: value },
        { name: "b", image: value },
      ],
    },
  });

cases(requireImageDigest, [
  ["passes a tag with a digest", [image(`mysql:8@${digest}`)], []],
  [
    "reports an image once",
    [image("mysql:8")],
    [
      '[pod] Pod nacos/pod, image "mysql:8": it has no digest of 64 digits, and 1 more container runs it. Append "@sha256:…".',
    ],
  ],
  [
    "stops a digest that is too short",
    [image("mysql@sha256:short")],
    [
      '[pod] Pod nacos/pod, image "mysql@sha256:short": it has no digest of 64 digits, and 1 more container runs it. Append "@sha256:…".',
    ],
  ],
  ["passes an image that is not known yet", [image(unknown)], []],
]);
