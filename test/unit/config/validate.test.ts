import assert from "node:assert/strict";
import { inspect } from "node:util";
import { ConfigError } from "../../../config";
import { type PlatformConfig, validate } from "../../../schema";

type Settings = Record<string, unknown>;

/** The keys that every environment needs. */
const backup = { offsite: { endpoint: "https://s3.example.com", bucket: "nacos-backups" } };
const least = {
  environment: "dev",
  kubeContext: "my-cluster",
  mysql: { storageClass: "fast", backup },
  nacos: { storageClass: "fast" },
};

function check(
  settings: Settings,
  stack = "dev",
  isSecret?: (key: string) => boolean,
  written?: Settings,
): PlatformConfig {
  const values = Object.entries(settings).map(([key, value]) => [
    `nacos-platform:${key}`,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  return validate({
    project: "nacos-platform",
    stack,
    values: Object.fromEntries(values) as Record<string, string>,
    isSecret,
    written,
  });
}

/** The lines of the error for these settings, without the first. */
function errors(settings: Settings, stack?: string, isSecret?: (key: string) => boolean, written?: Settings): string[] {
  try {
    check(settings, stack, isSecret, written);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    const [first, ...lines] = error.message.split("\n");
    assert.match(
      first,
      /^The configuration of stack "[\w-]+" has (1 error|\d+ errors) \[CONFIG_INVALID: docs\/runbooks\/pulumi-up\.md\]:$/,
    );
    return lines.map((line) => line.trim());
  }
  return [];
}

const nacos = (more: Settings): Settings => ({ ...least, nacos: { storageClass: "fast", ...more } });
const mysql = (more: Settings): Settings => ({ ...least, mysql: { ...least.mysql, ...more } });

describe("configuration", () => {
  it("gives a Nacos server the defaults of its environment", () => {
    const figures = (environment: string) => {
      const { replicas, resources } = check({ ...least, environment }, environment).nacos;
      return [
        replicas,
        resources.requests.cpu,
        resources.limits.cpu,
        resources.requests.memory,
        resources.limits.memory,
      ];
    };
    assert.deepEqual(figures("dev"), [1, "200m", "500m", "832Mi", "1Gi"]);
    assert.deepEqual(figures("test"), [3, "500m", "1", "1664Mi", "2Gi"]);
    assert.deepEqual(figures("prod"), [3, "1", "2", "3328Mi", "4Gi"]);
  });

  it("gives MySQL the servers, the guarantees and the spread of its environment", () => {
    const figures = (environment: string) => {
      const { mysql } = check({ ...least, environment }, environment);
      return mysql.mode === "cluster"
        ? [mysql.servers, mysql.semiSync, mysql.failover, mysql.spread, mysql.caGeneration]
        : assert.fail();
    };
    assert.deepEqual(figures("dev"), [1, "preferred", "manual", "preferred", 1]);
    assert.deepEqual(figures("test"), [2, "preferred", "manual", "preferred", 1]);
    assert.deepEqual(figures("prod"), [3, "required", "automatic", "required", 1]);
  });

  it("protects only prod by default", () => {
    const protects = ["dev", "test", "prod"].map(
      (environment) => check({ ...least, environment }, environment).protect,
    );
    assert.deepEqual(protects, [false, false, true]);
  });

  it("is frozen at every level", () => {
    const config = check(least);
    assert.ok(
      [config, config.nacos, config.nacos.resources.limits, config.access.clientNamespaceLabels].every(Object.isFrozen),
    );
  });

  it("takes the values that the stack sets, and defaults for the rest", () => {
    const config = check(nacos({ replicas: 3, resources: { limits: { cpu: 2 } } }));
    assert.equal(config.nacos.replicas, 3);
    assert.deepEqual(config.nacos.resources, {
      requests: { cpu: "200m", memory: "832Mi" },
      limits: { cpu: "2", memory: "1Gi" },
    });
  });

  it("ignores keys of other projects", () => {
    const values = Object.fromEntries(
      Object.entries(least).map(([k, v]) => [`nacos-platform:${k}`, typeof v === "string" ? v : JSON.stringify(v)]),
    );
    assert.doesNotThrow(() =>
      validate({ project: "nacos-platform", stack: "dev", values: { ...values, "kubernetes:context": "other" } }),
    );
  });

  it("reports everything at once, one line each, with path, value, range and fix", () => {
    assert.deepEqual(
      errors({
        environment: "dev",
        foo: "1",
        protect: "maybe",
        mysql: { storageClass: "fast", connectionReserve: 5, image: "mysql:latest" },
        nacos: { storageclass: "fast", replicas: 2, resources: { limits: { memory: "lots" } } },
      }),
      [
        "nacos-platform:foo is not a known key; allowed: environment, kubeContext, namespace, clusterDomain, protect, storageClass, backupBucket, tenancy, placement, pods, services, mysql, nacos, jobs, images, access, monitoring; fix: pulumi config rm --path 'nacos-platform:foo'",
        "nacos-platform:kubeContext is not set; allowed: the name of a context, see `kubectl config get-contexts`; fix: pulumi config set --path nacos-platform:kubeContext my-cluster",
        'nacos-platform:protect is "maybe"; allowed: true or false; fix: pulumi config set --path nacos-platform:protect true',
        'nacos-platform:mysql.image is "mysql:latest"; allowed: an image with a tag of MySQL 9.7 or 8.4, the series with long-term support, and not of 8.4.1, which may not start again with 8,000 tables; fix: pulumi config set --path nacos-platform:mysql.image docker.io/library/mysql:9.7.2',
        "nacos-platform:mysql.connectionReserve is 5; allowed: a whole number from 10 to 1000; fix: pulumi config set --path nacos-platform:mysql.connectionReserve 20",
        "nacos-platform:nacos.storageclass is not a known key; allowed: image, seriesUpgrade, replicas, autoscaling, resources, storageGiB, storageClass, spread, placement, databasePoolSize, exposure, properties, jvmOptions; fix: rename it to storageClass, or remove it: pulumi config rm --path 'nacos-platform:nacos.storageclass'",
        "nacos-platform:nacos.replicas is 2; allowed: an odd whole number from 1 to 7; fix: pulumi config set --path nacos-platform:nacos.replicas 1",
        'nacos-platform:nacos.resources.limits.memory is "lots"; allowed: a memory quantity from 960Mi to 256Gi; fix: pulumi config set --path nacos-platform:nacos.resources.limits.memory 1Gi',
        "nacos-platform:nacos.storageClass is not set; allowed: the name of a StorageClass in the cluster; fix: pulumi config set --path nacos-platform:nacos.storageClass standard-retain",
      ],
    );
  });

  it("does not repeat the value of an unknown key, which may be a password", () => {
    assert.ok(
      !errors({ ...least, password: "hunter2" })
        .join()
        .includes("hunter2"),
    );
  });

  it("reports a value that should be an object once, without its keys", () => {
    assert.deepEqual(errors({ ...least, access: "all" }), [
      'nacos-platform:access is "all"; allowed: an object with the keys monitoringNamespaceLabels, apiServerCidrs, apiServerPorts, dns, clientNamespaceLabels; fix: see docs/configuration.md',
    ]);
  });

  describe("refuses", () => {
    const cases: [string, Settings, RegExp][] = [
      [
        "an unknown environment",
        { ...least, environment: "staging" },
        /^nacos-platform:environment is "staging"; allowed: dev, test, prod;/,
      ],
      [
        "a namespace of Kubernetes' own",
        { ...least, namespace: "kube-system" },
        /^nacos-platform:namespace is "kube-system"/,
      ],
      [
        "a namespace that is no DNS label",
        { ...least, namespace: "Nacos_1" },
        /^nacos-platform:namespace is "Nacos_1"/,
      ],
      ["an even number of servers", nacos({ replicas: 4 }), /nacos.replicas is 4; allowed: an odd whole number/],
      ["a number as text", nacos({ replicas: "3" }), /nacos.replicas is "3"/],
      [
        "Nacos 3.3",
        nacos({ image: "nacos:v3.3.0" }),
        /nacos.image is "nacos:v3.3.0"; allowed: an image with a tag of Nacos 2.2 to 2.5 and 3.0 to 3.2/,
      ],
      [
        "a broken Nacos",
        nacos({ image: "nacos:v2.3.0" }),
        /nacos.image is "nacos:v2.3.0"; allowed: a release of 2.2 to 2.5 and 3.0 to 3.2 other than 2.3.0, which never cleans up the history of configurations \(alibaba\/nacos#14207\); the next release without this fault is 2.3.2;/,
      ],
      ["Nacos without a tag", nacos({ image: "nacos/nacos-server" }), /nacos.image is "nacos\/nacos-server"/],
      ...["8.0.46", "8.3.0", "8.4.1", "9.0.1", "9.6.0", "9", "10.0.0"].map((version): [string, Settings, RegExp] => [
        `MySQL ${version}`,
        mysql({ image: `mysql:${version}` }),
        new RegExp(`mysql.image is "mysql:${version}"; allowed: an image with a tag of MySQL 9.7 or 8.4`),
      ]),
      ["more servers than five", mysql({ servers: 6 }), /mysql.servers is 6; allowed: a whole number from 1 to 5/],
      [
        "a value of semiSync other than required and preferred",
        mysql({ semiSync: "off" }),
        /mysql.semiSync is "off"; allowed: required, preferred/,
      ],
      [
        "an unknown kind of failover",
        mysql({ failover: "never" }),
        /mysql.failover is "never"; allowed: manual, automatic/,
      ],
      [
        "an object store with an invalid port",
        mysql({ backup: { offsite: { ...backup.offsite, endpoint: "https://s3.example.com:99999" } } }),
        /mysql.backup.offsite.endpoint is "https:\/\/s3.example.com:99999"; allowed: https:\/\/host or http:\/\/host, with a port from 1 to 65535 if it is not the default; fix:/,
      ],
      [
        "an impossible schedule",
        mysql({ backup: { ...backup, schedule: { verify: "61 25 32 13 9" } } }),
        /mysql.backup.schedule.verify is "61 25 32 13 9"; allowed: five fields of cron, for a date that exists: minute 0-59, hour 0-23, day 1-31, month 1-12, weekday 0-6; fix: pulumi config set --path nacos-platform:mysql.backup.schedule.verify '0 4 \* \* \*'/,
      ],
      [
        "an unknown time zone",
        mysql({ backup: { ...backup, timeZone: "Mars/Phobos" } }),
        /mysql.backup.timeZone is "Mars\/Phobos"; allowed: UTC or a name of the time zone database, Area\/City; fix: pulumi config set --path nacos-platform:mysql.backup.timeZone Asia\/Shanghai/,
      ],
      [
        "a CA before the first",
        mysql({ caGeneration: 0 }),
        /mysql.caGeneration is 0; allowed: a whole number from 1 to 1000/,
      ],
      [
        "a schedule of four fields",
        mysql({ backup: { ...backup, schedule: { backup: "0 1 * *" } } }),
        /mysql.backup.schedule.backup is "0 1 \* \*"; allowed: five fields of cron/,
      ],
      [
        "an object store without a scheme",
        mysql({ backup: { offsite: { ...backup.offsite, endpoint: "s3.example.com" } } }),
        /mysql.backup.offsite.endpoint is "s3.example.com"; allowed: https:\/\/host/,
      ],
      [
        "an object store without a bucket",
        mysql({ backup: { offsite: { endpoint: "https://s3.example.com" } } }),
        /mysql.backup.offsite.bucket is not set; allowed: the name of a bucket; fix: pulumi config set --path nacos-platform:mysql.backup.offsite.bucket nacos-backups/,
      ],
      [
        "rclone 1.53",
        { ...least, images: { rclone: "rclone:1.53.0" } },
        /images.rclone is "rclone:1.53.0"; allowed: an image with a tag of rclone 1.60 or newer/,
      ],
      [
        "Node.js 18",
        { ...least, images: { node: "node:18.20.0" } },
        /images.node is "node:18.20.0"; allowed: an image with a tag of Node.js 20 or newer/,
      ],
      [
        "an exporter that does not support option files",
        { ...least, images: { mysqldExporter: "e:v0.14.9" } },
        /images.mysqldExporter is "e:v0.14.9"; allowed: an image with a tag of mysqld_exporter 0.15 or newer/,
      ],
      [
        "an empty list for the API server, which would allow any address",
        { ...least, access: { apiServerCidrs: [] } },
        /access.apiServerCidrs is \[\]; allowed: a list of one or more IPv4 or IPv6 ranges/,
      ],
      [
        "backups with a higher priority than the servers",
        { ...least, tenancy: { batchPriority: 2000 } },
        /tenancy.batchPriority is 2000; allowed: at most tenancy.priority, which is 1000; fix: pulumi config set --path nacos-platform:tenancy.batchPriority 1000/,
      ],
      [
        "an annotation that the stack sets itself",
        { ...least, pods: { annotations: { "nacos-platform/config": "x" } } },
        /pods.annotations is {"nacos-platform\/config":"x"}; allowed: an object of Kubernetes annotations with text values, none of app.kubernetes.io/,
      ],
      [
        "a container's default request below the minimum",
        { ...least, tenancy: { containerMin: { cpu: "60m" } } },
        /tenancy.containerDefault.requests.cpu is 50m; allowed: at least tenancy.containerMin.cpu, which is 60m; fix: pulumi config set --path nacos-platform:tenancy.containerDefault.requests.cpu 60m/,
      ],
      ["an unknown spread", nacos({ spread: "never" }), /nacos.spread is "never"; allowed: preferred, required/],
      ["no labels at all", { ...least, access: { clientNamespaceLabels: {} } }, /access.clientNamespaceLabels is {}/],
      [
        "a label whose value is no text",
        { ...least, access: { clientNamespaceLabels: { a: true } } },
        /access.clientNamespaceLabels is {"a":true}/,
      ],
      [
        "a CPU with an invalid unit",
        nacos({ resources: { limits: { cpu: "500M" } } }),
        /nacos.resources.limits.cpu is "500M"; allowed: a CPU quantity from 100m to 64/,
      ],
      [
        "a request above its limit",
        nacos({ resources: { requests: { cpu: "2" } } }),
        /nacos.resources.requests.cpu is 2; allowed: at most nacos.resources.limits.cpu, which is 500m/,
      ],
      [
        "a default above the maximum",
        { ...least, tenancy: { containerDefault: { limits: { memory: "3Gi" } } } },
        /tenancy.containerDefault.limits.memory is 3Gi; allowed: at most tenancy.containerMax.memory, which is 2Gi/,
      ],
      [
        "ephemeral storage by default above the maximum",
        { ...least, tenancy: { containerMax: { ephemeralStorage: "1Gi" } } },
        /tenancy.containerDefault.limits.ephemeralStorage is 2Gi; allowed: at most tenancy.containerMax.ephemeralStorage, which is 1Gi/,
      ],
      [
        "less memory than Java needs",
        nacos({ resources: { limits: { memory: "959Mi" }, requests: { memory: "512Mi" } } }),
        /nacos.resources.limits.memory is "959Mi"; allowed: a memory quantity from 960Mi to 256Gi; fix: pulumi config set --path nacos-platform:nacos.resources.limits.memory 1Gi/,
      ],
      [
        "more connections than MySQL's memory holds",
        mysql({ maxConnections: 520 }),
        /mysql.resources.limits.memory is 1Gi; allowed: at least 1744Mi for the 520 connections of mysql.maxConnections/,
      ],
      [
        "more Nacos servers than MySQL takes connections from",
        nacos({ replicas: 5, databasePoolSize: 100 }),
        /mysql.maxConnections is 50; allowed: at least 520: 5 × pool of 100 \+ 20 in reserve; fix: pulumi config set --path nacos-platform:mysql.maxConnections 520/,
      ],
    ];
    for (const [what, settings, message] of cases) {
      it(what, () => {
        const found = errors(settings);
        assert.equal(found.length, 1, found.join("\n"));
        assert.match(found[0], message);
      });
    }

    it("fewer than three servers in prod, but not in other environments", () => {
      const one = nacos({ replicas: 1 });
      assert.deepEqual(errors({ ...one, environment: "test" }, "test"), []);
      assert.deepEqual(errors({ ...one, environment: "prod" }, "prod"), [
        "nacos-platform:nacos.replicas is 1; allowed: at least 3 in prod, so that one server can be lost; fix: pulumi config set --path nacos-platform:nacos.replicas 3",
      ]);
    });

    it("an upgrade that is held with a single server", () => {
      assert.deepEqual(
        errors({ ...nacos({ replicas: 1, seriesUpgrade: "complete" }), environment: "test" }, "test"),
        [],
      );
      assert.deepEqual(errors({ ...nacos({ replicas: 3, seriesUpgrade: "hold" }), environment: "test" }, "test"), []);
      assert.deepEqual(errors({ ...nacos({ replicas: 1, seriesUpgrade: "hold" }), environment: "test" }, "test"), [
        "nacos-platform:nacos.seriesUpgrade is hold; allowed: refuse or complete with a single server, of which none can stay behind; fix: pulumi config set --path nacos-platform:nacos.seriesUpgrade complete",
      ]);
    });
  });

  it("reports both keys if prod has one server, each with a value that is allowed", () => {
    const alone = { ...mysql({ servers: 1 }), environment: "prod" };
    assert.deepEqual(
      errors(alone, "prod").map((line) => line.replace(/; allowed: .*; fix/, "; fix")),
      [
        "nacos-platform:mysql.failover is automatic; fix: pulumi config set --path nacos-platform:mysql.failover manual",
        "nacos-platform:mysql.semiSync is required; fix: pulumi config set --path nacos-platform:mysql.semiSync preferred",
      ],
    );
    assert.deepEqual(
      errors(
        { ...alone, ...mysql({ servers: 1, failover: "manual", semiSync: "preferred" }), environment: "prod" },
        "prod",
      ),
      [],
    );
  });

  it("treats an optional group without keys as absent", () => {
    assert.equal(check(mysql({ backup: { offsite: {} } })).mysql.backup.offsite, undefined);
  });

  it("requires an object store only in prod", () => {
    const without = (environment: string) => ({ ...least, environment, mysql: { storageClass: "fast" } });
    for (const environment of ["dev", "test"]) assert.deepEqual(errors(without(environment), environment), []);
    assert.deepEqual(errors(without("prod"), "prod"), [
      "nacos-platform:mysql.backup.offsite.endpoint is not set; allowed: an object store in prod, so that backups outlive the cluster; fix: pulumi config set --path nacos-platform:mysql.backup.offsite.endpoint https://s3.example.com",
    ]);
  });

  describe("secrets", () => {
    const keys = { accessKeyId: "hunter2", secretAccessKey: "hunter3" };
    const settings = (more: Settings): Settings => mysql({ backup: { offsite: { ...backup.offsite, ...more } } });
    const encrypted = (key: string) => key === "nacos-platform:mysql";

    it("are read if they were encrypted in the stack file", () => {
      const { accessKeyId, secretAccessKey } =
        check(settings(keys), "dev", encrypted).mysql.backup.offsite ?? assert.fail();
      assert.deepEqual([accessKeyId.reveal(), secretAccessKey.reveal()], Object.values(keys));
      assert.doesNotMatch(
        `${String(accessKeyId)}${JSON.stringify({ secretAccessKey })}${inspect({ accessKeyId })}`,
        /hunter/,
      );
    });

    it("are not evaluated by code that has only the stack file", () => {
      const { accessKeyId, secretAccessKey } =
        check(settings({ accessKeyId: { secure: "v1:abc" } }), "dev").mysql.backup.offsite ?? assert.fail();
      assert.deepEqual([accessKeyId.reveal(), secretAccessKey.reveal()], ["(encrypted)", "(encrypted)"]);
    });

    it("that are missing are reported with a command without the value", () => {
      assert.deepEqual(errors(settings({ accessKeyId: "x" }), "dev", encrypted), [
        "nacos-platform:mysql.backup.offsite.secretAccessKey is not set; allowed: the secret of an access key; fix: pulumi config set --secret --path nacos-platform:mysql.backup.offsite.secretAccessKey",
      ]);
    });

    it("in plain text are refused, and not repeated", () => {
      const found = errors(settings(keys), "dev", () => false);
      assert.equal(found.length, 2);
      for (const line of found)
        assert.match(
          line,
          /offsite\.\w+ is written in plain text; allowed: .*; fix: pulumi config set --secret --path/,
        );
      assert.doesNotMatch(found.join(), /hunter/);
    });

    it("in plain text next to encrypted ones are found by code that reads the stack file", () => {
      const found = errors(settings({ accessKeyId: { secure: "v1:abc" }, secretAccessKey: "hunter3" }));
      assert.deepEqual(
        found.map((line) => line.split(";")[0]),
        ["nacos-platform:mysql.backup.offsite.secretAccessKey is written in plain text"],
      );
      assert.doesNotMatch(found.join(), /hunter/);
    });

    it("in plain text next to encrypted ones are found by the program as well, if it finds the stack file", () => {
      const written = {
        "nacos-platform:mysql": {
          backup: { offsite: { accessKeyId: { secure: "v1:abc" }, secretAccessKey: "hunter3" } },
        },
      };
      const found = errors(settings(keys), "dev", encrypted, written);
      assert.deepEqual(
        found.map((line) => line.split(";")[0]),
        ["nacos-platform:mysql.backup.offsite.secretAccessKey is written in plain text"],
      );
      assert.doesNotMatch(found.join(), /hunter/);
    });

    const faults = (more: Settings, written?: unknown) =>
      errors(
        mysql({ backup: {}, ...more }),
        "dev",
        encrypted,
        written === undefined ? undefined : { "nacos-platform:mysql": written },
      ).map((line) => line.split(";")[0]);

    it("one level too high are not repeated", () => {
      const fault = ["nacos-platform:mysql.backup has a value that is not allowed"];
      assert.deepEqual(faults({ backup: "hunter2" }, { backup: { secure: "v1:abc" } }), fault);
      assert.deepEqual(faults({ backup: "hunter2" }, { secure: "v1:abc" }), fault);
      assert.deepEqual(faults({ backup: "hunter2" }), fault); // without the file it is unknown what was encrypted
    });

    it("do not hide plain values of their group", () => {
      assert.deepEqual(
        faults({ servers: 9 }, { servers: 9, backup: { offsite: { accessKeyId: { secure: "v1:abc" } } } }),
        ["nacos-platform:mysql.servers is 9"],
      );
    });

    it("with invalid values are refused, and not repeated", () => {
      const found = errors(settings({ ...keys, accessKeyId: "hunter 2" }), "dev", encrypted);
      assert.deepEqual(
        found.map((line) => line.split(";")[0]),
        ["nacos-platform:mysql.backup.offsite.accessKeyId has a value that is not allowed"],
      );
      assert.doesNotMatch(found.join(), /hunter/);
    });
  });

  describe("stack names", () => {
    it("are an environment, or one with a suffix", () => {
      for (const stack of ["dev", "dev-anna"]) assert.deepEqual(errors(least, stack), []);
    });

    it("are refused if they are not named after an environment", () => {
      for (const stack of ["staging", "development"]) {
        assert.match(
          errors(least, stack)[0],
          new RegExp(`^stack ${stack} is not named after an environment; allowed: dev, test, prod`),
        );
      }
    });

    it("have to match the environment", () => {
      assert.deepEqual(errors(least, "prod"), [
        "nacos-platform:environment is dev; allowed: prod, because the name of the stack is prod; fix: pulumi config set --path nacos-platform:environment prod",
      ]);
    });
  });
});
