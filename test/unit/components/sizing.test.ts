import assert from "node:assert/strict";
import { podTotals, type WorkloadFootprint } from "../../../kube/footprint";
import {
  besidesPoolMiB,
  bufferPoolMiB,
  connectionsNeeded,
  leastMemoryMiB,
  myCnf,
  type MyCnfArgs,
} from "../../../components/mysql/my-cnf";
import { LEAST_NACOS_MEMORY_MIB, nacosMemory } from "../../../components/nacos/memory";
import { knownNacos, nacosFacts } from "../../../components/nacos/versions";
import { GIB, MIB } from "../../../contract/quantity";

describe("Nacos' memory", () => {
  it("is divided for the limits of dev, test and prod, and for the smallest", () => {
    assert.deepEqual(nacosMemory(GIB), { heap: 336, direct: 56, metaspace: 160, codeCache: 96, other: 376 });
    assert.deepEqual(nacosMemory(2 * GIB), { heap: 1096, direct: 182, metaspace: 170, codeCache: 96, other: 504 });
    assert.deepEqual(nacosMemory(4 * GIB), { heap: 2448, direct: 408, metaspace: 341, codeCache: 170, other: 729 });
    assert.deepEqual(nacosMemory(LEAST_NACOS_MEMORY_MIB * MIB), {
      heap: 288,
      direct: 48,
      metaspace: 160,
      codeCache: 96,
      other: 368,
    });
  });

  it("never adds up to more than the limit", () => {
    for (let limit = LEAST_NACOS_MEMORY_MIB; limit < 16_384; limit += 37) {
      const { heap, direct, metaspace, codeCache, other } = nacosMemory(limit * MIB);
      assert.equal(heap + direct + metaspace + codeCache + other, limit);
    }
  });

  it("is refused if it is too small", () => {
    assert.throws(
      () => nacosMemory(LEAST_NACOS_MEMORY_MIB * MIB - 1),
      /^RangeError: 959Mi is too small for Nacos: at least 960Mi$/,
    );
  });
});

describe("what a Nacos version implies", () => {
  it("differs between 2.x and 3.x", () => {
    assert.deepEqual(nacosFacts("nacos:2.2.4"), {
      version: "2.2.4",
      readinessPath: "/nacos/v1/ns/operator/metrics",
      livenessPath: "/nacos/v1/console/health/liveness",
      consolePort: 8848,
      consolePath: "/nacos/",
    });
    assert.deepEqual(nacosFacts("nacos:v3.1.0"), {
      version: "3.1.0",
      readinessPath: "/nacos/v1/ns/operator/metrics",
      livenessPath: "/nacos/v3/admin/core/state/liveness",
      consolePort: 8080,
      consolePath: "/",
    });
  });

  it("is known only for 2.2 to 2.5 and 3.0 to 3.2", () => {
    for (const tag of ["2.2.0", "v2.3.2", "v2.4.3", "v2.5.1", "v3.0.0", "v3.1.9", "v3.2.3"])
      assert.ok(nacosFacts(`nacos:${tag}`), tag);
    for (const tag of ["2.1.2", "v2.6.0", "v3.3.0", "v1.4.9", "v4.0.0", "latest"])
      assert.equal(nacosFacts(`nacos:${tag}`), undefined, tag);
  });

  it("throws if a supported version was expected", () => {
    assert.throws(() => knownNacos("nacos:latest"), /"nacos:latest" is no image of Nacos 2.2 to 2.5 and 3.0 to 3.2/);
  });
});

describe("MySQL's sizes", () => {
  const three: MyCnfArgs = {
    memoryLimitBytes: 4 * GIB,
    maxConnections: 100,
    binlogRetentionHours: 72,
    servers: 3,
    semiSync: "required",
  };

  it("include every server's pool and the reserve", () => {
    assert.equal(connectionsNeeded({ nacosServers: 3, databasePoolSize: 20, connectionReserve: 40 }), 100);
  });

  it("give the buffer pool complete chunks of what is left, at most 70 % of the limit", () => {
    assert.equal(bufferPoolMiB(GIB, besidesPoolMiB(30)), 384);
    assert.equal(bufferPoolMiB(2 * GIB, besidesPoolMiB(90)), 1280);
    assert.equal(bufferPoolMiB(4 * GIB, besidesPoolMiB(100)), 2816);
  });

  it("have a smallest limit: 1 MiB less leaves no buffer pool", () => {
    const least = leastMemoryMiB(100);
    assert.equal(least, 904);
    assert.equal(bufferPoolMiB(least * MIB, besidesPoolMiB(100)), 128);
    assert.equal(bufferPoolMiB((least - 1) * MIB, besidesPoolMiB(100)), 0);
  });

  it("are written to my.cnf", () => {
    assert.equal(
      myCnf(three),
      `[mysqld]
datadir=/var/lib/mysql/data
tmpdir=/var/lib/mysql/tmp
socket=/run/mysqld/mysqld.sock
pid_file=/run/mysqld/mysqld.pid
port=3306
bind_address=*
loose_mysqlx=OFF
local_infile=OFF
secure_file_priv=NULL
skip_name_resolve=ON
require_secure_transport=ON
activate_all_roles_on_login=ON
character_set_server=utf8mb4
collation_server=utf8mb4_0900_ai_ci
default_time_zone='+00:00'
max_connections=100
max_allowed_packet=64M
innodb_buffer_pool_size=2816M
innodb_buffer_pool_instances=1
innodb_log_buffer_size=16M
temptable_max_ram=64M
replica_pending_jobs_size_max=16M
performance_schema_events_statements_history_long_size=1000
innodb_flush_log_at_trx_commit=1
sync_binlog=1
gtid_mode=ON
enforce_gtid_consistency=ON
log_bin=binlog
log_replica_updates=ON
replica_preserve_commit_order=ON
super_read_only=ON
skip_replica_start=ON
relay_log=relay
relay_log_recovery=OFF
replica_net_timeout=3
plugin_load_add=rpl_semi_sync_source=semisync_source.so
plugin_load_add=rpl_semi_sync_replica=semisync_replica.so
plugin_load_add=clone=mysql_clone.so
disabled_storage_engines=MyISAM,MRG_MYISAM,MEMORY,CSV,ARCHIVE,BLACKHOLE
loose_rpl_semi_sync_replica_enabled=ON
loose_rpl_semi_sync_source_wait_for_replica_count=1
loose_rpl_semi_sync_source_timeout=4294967295
ssl_ca=/tls/ca.crt
ssl_cert=/tls/tls.crt
ssl_key=/tls/tls.key
loose_clone_ssl_ca=/tls/ca.crt
binlog_expire_logs_seconds=259200
max_binlog_size=100M
log_error_verbosity=2
`,
    );
  });

  it("wait for acknowledgements until a majority of the servers has each commit, and for at least one", () => {
    const count = (replicas: number) =>
      /^loose_rpl_semi_sync_source_wait_for_replica_count=(\d+)$/m.exec(
        myCnf({ ...three, servers: 1 + replicas }),
      )?.[1];
    assert.deepEqual([0, 1, 2, 3, 4].map(count), ["1", "1", "1", "2", "2"]);
  });

  it("let a commit continue after 5 s if `semiSync` is preferred, and change nothing else", () => {
    assert.equal(
      myCnf({ ...three, semiSync: "preferred" }),
      myCnf(three).replace("source_timeout=4294967295", "source_timeout=5000"),
    );
  });
});

describe("a pod's totals", () => {
  const resources = (cpu: string, memory: string, disk: string) => ({
    requests: { cpu, memory, "ephemeral-storage": disk },
    limits: { cpu, memory, "ephemeral-storage": disk },
  });
  const footprint: WorkloadFootprint = {
    workload: "StatefulSet/x",
    pods: 1,
    surgePods: 0,
    claimsGiB: [],
    containers: { a: resources("500m", "1Gi", "1Gi"), b: resources("250m", "1Gi", "1Gi") },
    initContainers: { first: resources("2", "128Mi", "3Gi"), second: resources("1", "4Gi", "64Mi") },
  };

  it("are the larger of the containers' sum and the largest init container, for each resource", () => {
    assert.deepEqual(podTotals(footprint), {
      requestsCpu: 2000,
      limitsCpu: 2000,
      requestsMemory: 4 * GIB,
      limitsMemory: 4 * GIB,
      requestsEphemeralStorage: 3 * GIB,
      limitsEphemeralStorage: 3 * GIB,
    });
    assert.deepEqual(podTotals({ ...footprint, initContainers: {} }), {
      requestsCpu: 750,
      limitsCpu: 750,
      requestsMemory: 2 * GIB,
      limitsMemory: 2 * GIB,
      requestsEphemeralStorage: 2 * GIB,
      limitsEphemeralStorage: 2 * GIB,
    });
  });
});
