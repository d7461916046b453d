import assert from "node:assert/strict";
import { ApiError, type KubernetesApi } from "../../../../clients/kubernetes/api";
import { backupMetrics, metricsText, orNone } from "../../../../runtime/mysql-controller/metrics";

const job = (cronJob: string, type: "Complete" | "Failed" | "SuccessCriteriaMet", minute: number) => ({
  metadata: { ownerReferences: [{ name: cronJob }] },
  status: { conditions: [{ type, status: "True", lastTransitionTime: `2026-01-01T00:0${minute}:00Z` }] },
});

/** A pod of a backup whose last container has ended. */
const pod = (minute: number, message: string, exitCode = 0) => ({
  status: {
    containerStatuses: [{ state: { terminated: { exitCode, message, finishedAt: `1970-01-01T00:0${minute}:00Z` } } }],
  },
});

function api(
  cronJobs: Readonly<Record<string, object>>,
  items: readonly object[],
  pods: readonly object[] = [],
): KubernetesApi {
  return {
    get: (path: string) => {
      if (path.endsWith("/jobs")) return Promise.resolve({ items });
      if (
        path.includes("/pods?labelSelector=app.kubernetes.io%2Fname%3Dmysql%2Capp.kubernetes.io%2Fcomponent%3Dbackup")
      )
        return Promise.resolve({ items: pods });
      const found = cronJobs[path.split("/").at(-1) ?? ""];
      return found === undefined ? Promise.reject(new ApiError(404, "none")) : Promise.resolve(found);
    },
  } as unknown as KubernetesApi;
}

describe("the metrics of backups", () => {
  const of = async (...args: Parameters<typeof api>) =>
    Object.fromEntries((await backupMetrics(api(...args), "n")).map(({ name, value }) => [name, value]));

  it("say when one last succeeded, and whether the last one failed", async () => {
    const success = { status: { lastSuccessfulTime: "1970-01-01T00:01:40Z" } };
    const jobs = [
      job("mysql-backup", "Failed", 1),
      job("mysql-backup", "Complete", 2),
      job("mysql-verify", "Failed", 2),
      job("mysql-verify", "Complete", 1),
      job("nacos-schema", "Failed", 9),
    ];
    assert.deepEqual(await of({ "mysql-backup": success, "mysql-verify": success }, jobs), {
      backup_last_success_timestamp_seconds: 100,
      backup_failed: 0,
      verify_last_success_timestamp_seconds: 100,
      verify_failed: 1,
    });
  });

  it("are 0 if none ever succeeded, and do not count a running Job", async () => {
    assert.deepEqual(
      await of({ "mysql-backup": {}, "mysql-verify": {} }, [
        { metadata: {} },
        job("mysql-verify", "SuccessCriteriaMet", 1),
      ]),
      {
        backup_last_success_timestamp_seconds: 0,
        backup_failed: 0,
        verify_last_success_timestamp_seconds: 0,
        verify_failed: 0,
      },
    );
  });

  it("say when the last backup with a registry of Nacos ended, if its pod is known", async () => {
    const warning = "warning: the backup has no registry of Nacos: no answer";
    for (const [pods, expected] of [
      [[pod(1, "complete"), pod(3, warning), pod(2, "complete"), pod(4, "failed", 1), { status: {} }], 120],
      [[pod(1, warning)], 0],
      [[pod(4, "failed", 1)], undefined],
    ] as const)
      assert.equal((await of({ "mysql-backup": {} }, [], pods)).backup_last_registry_timestamp_seconds, expected);
  });

  it("are none if the stack makes no backups", async () => assert.deepEqual(await of({}, []), {}));

  it("are left out and logged if the API server does not answer", async () => {
    const log: string[] = [];
    const silent = { get: () => Promise.reject(new ApiError(500, "etcd is down")) } as unknown as KubernetesApi;
    assert.deepEqual(await orNone(backupMetrics(silent, "n"), (line) => log.push(line)), []);
    assert.match(log.join(), /^problem: serves no metrics of backups: .*etcd is down$/);
    assert.equal((await orNone(backupMetrics(api({ "mysql-backup": {} }, []), "n"), assert.fail)).length, 2);
  });

  it("are given as Prometheus reads them", () => {
    const text = metricsText({ leads: true, problems: 2, isPaused: true, errant: 7 }, [
      { name: "backup_failed", help: "Whether.", value: 0 },
    ]);
    assert.match(
      text,
      /^# HELP nacos_platform_mysql_controller_leads .*\n# TYPE nacos_platform_mysql_controller_leads gauge\nnacos_platform_mysql_controller_leads 1\n/,
    );
    assert.match(text, /\nnacos_platform_mysql_problems 2\n/);
    assert.match(text, /\nnacos_platform_mysql_controller_paused 1\n/);
    assert.match(text, /\nnacos_platform_mysql_errant_transactions 7\n/);
    const ends = [1, 2].map((value) => ({ name: "ends", help: "When.", labels: { server: `mysql-${value}` }, value }));
    assert.equal(
      metricsText(undefined, ends),
      "# HELP nacos_platform_mysql_ends When.\n# TYPE nacos_platform_mysql_ends gauge\n" +
        'nacos_platform_mysql_ends{server="mysql-1"} 1\nnacos_platform_mysql_ends{server="mysql-2"} 2\n',
    );
    assert.match(
      text,
      /\n# HELP nacos_platform_mysql_backup_failed Whether\.\n# TYPE nacos_platform_mysql_backup_failed gauge\nnacos_platform_mysql_backup_failed 0\n$/,
    );
  });
});
