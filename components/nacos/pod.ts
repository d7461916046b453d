import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { MEMBERS_PORT, NACOS_PORTS } from "../../contract/ports";
import { propertiesSecret } from "./fields";
import { memoryBytes } from "../../contract/quantity";
import { emptyDirVolumes } from "../../kube/ephemeral-storage";
import type { WorkloadFootprint } from "../../kube/footprint";
import { containerSecurity } from "../../kube/pod";
import { nacosEmptyDirs } from "./footprint";
import { LEAVE, MEMBER_LOOKUP } from "./members";
import { SERVER } from "./upgrade";
import { nacosMemory, type NacosMemory } from "./memory";
import { type NacosFacts } from "./versions";

const HOME = "/home/nacos";

export interface NacosPodArgs {
  /** Name of the StatefulSet. The headless Service is `<base>-headless`. */
  readonly base: string;
  readonly image: string;
  readonly facts: NacosFacts;
  readonly footprint: WorkloadFootprint;
  readonly databasePoolSize: pulumi.Input<number>;
  /** Further options for the JVM. The configuration has checked them. */
  readonly jvmOptions: pulumi.Input<readonly string[]>;
  readonly database: {
    readonly host: pulumi.Input<string>;
    readonly port: pulumi.Input<number>;
    readonly name: pulumi.Input<string>;
    readonly secret: pulumi.Input<string>;
    readonly caConfigMap: pulumi.Input<string>;
  };
  /** Secret with `token`, `identityKey`, `identityValue`. */
  readonly authSecret: pulumi.Input<string>;
}

/**
 * Options for the Java process. They are in JAVA_OPT, which every image puts before the program. The official image puts
 * JAVA_OPT_EXT after the program, so -D has no effect in it. A property that is set here overrides the image's
 * application.properties in every series. Java 8, 17 and 21 understand all options.
 */
export function javaOptions(databasePoolSize: number, jvmOptions: readonly string[], memory: NacosMemory): string {
  return [
    ...jvmOptions,
    "-XX:+ExitOnOutOfMemoryError",
    `-XX:MaxDirectMemorySize=${memory.direct}m`,
    // On Java 8, gRPC's Netty would otherwise count its buffers separately, up to the same limit again. With 0 the JVM counts all.
    "-Dio.grpc.netty.shaded.io.netty.maxDirectMemory=0",
    // The images limit the metaspace in cluster mode only, with JVM_MMS.
    `-XX:MaxMetaspaceSize=${memory.metaspace}m`,
    `-XX:ReservedCodeCacheSize=${memory.codeCache}m`,
    "-Duser.timezone=UTC",
    // The user has no entry in the image's passwd file, and so no home.
    "-Duser.home=/tmp",
    // The default is the working directory, which is read-only.
    "-Dserver.tomcat.basedir=/tmp/tomcat",
    // The images of 3.x turn it on in application.properties and have no variable for it. It would fill /tmp.
    "-Dserver.tomcat.accesslog.enabled=false",
    `-Dlogging.config=${HOME}/conf/nacos-logback.xml`,
    // Readiness waits for the registry. A server that found no peer at first tries again soon, not only after 30 s.
    "-Dnacos.naming.data.warmup=true",
    "-Dnacos.core.protocol.distro.data.load.retryDelayMs=3000",
    "-Dmanagement.endpoints.web.exposure.include=prometheus,health",
    ...MEMBER_LOOKUP,
    `-Ddb.pool.config.maximumPoolSize=${databasePoolSize}`,
  ].join(" ");
}

/** Connection parameters: TLS that verifies the server's certificate, and timeouts that detect a dead server in seconds, before TCP does. */
export const JDBC_PARAMETERS = [
  "characterEncoding=utf8",
  "sslMode=VERIFY_IDENTITY",
  "fallbackToSystemTrustStore=false",
  // The start script creates it, in a form that needs no password.
  "trustCertificateKeyStoreUrl=file:/tmp/mysql-ca.p12",
  "trustCertificateKeyStoreType=PKCS12",
  "connectTimeout=3000",
  "socketTimeout=10000",
].join("&");

/** Copies the image's configuration to a volume, because the server writes its member list there. */
export function confContainer({ image, footprint }: NacosPodArgs): k8s.types.input.core.v1.Container {
  return {
    name: "conf",
    image,
    // "/." instead of -T, which has another meaning in BusyBox.
    command: ["cp", "-r", `${HOME}/conf/.`, "/conf"],
    resources: footprint.initContainers.conf,
    securityContext: containerSecurity,
    volumeMounts: [{ name: "conf", mountPath: "/conf" }],
  };
}

export function serverContainer(args: NacosPodArgs): k8s.types.input.core.v1.Container {
  const { image, facts, footprint } = args;
  const serving = { httpGet: { path: facts.readinessPath, port: "http" } };
  const alive = { httpGet: { path: facts.livenessPath, port: "http" } };
  const ports = [
    { name: "http", containerPort: NACOS_PORTS.http },
    { name: "client-grpc", containerPort: NACOS_PORTS.clientGrpc },
    { name: "server-grpc", containerPort: NACOS_PORTS.serverGrpc },
    { name: "raft", containerPort: NACOS_PORTS.raft },
  ];
  return {
    name: SERVER,
    image,
    command: ["bash", "/scripts/start-nacos.sh"],
    env: environment(args),
    // Variables that `nacos.properties` may refer to. They cannot override those above.
    envFrom: [{ secretRef: { name: propertiesSecret(args.base), optional: true } }],
    ports:
      facts.consolePort === NACOS_PORTS.http
        ? ports
        : [...ports, { name: "console", containerPort: facts.consolePort }],
    resources: footprint.containers.nacos,
    securityContext: containerSecurity,
    // 10 minutes: then a start that hangs, for example without a database, is tried again.
    startupProbe: { ...serving, periodSeconds: 3, timeoutSeconds: 5, failureThreshold: 200 },
    // Three successes, over 8 s: the server serves at once, but loads its users only 5 s later.
    readinessProbe: { ...serving, periodSeconds: 4, timeoutSeconds: 4, successThreshold: 3, failureThreshold: 3 },
    livenessProbe: { ...alive, periodSeconds: 15, timeoutSeconds: 10, failureThreshold: 6 },
    lifecycle: { preStop: { exec: { command: LEAVE } } },
    terminationMessagePolicy: "FallbackToLogsOnError",
    volumeMounts: [
      { name: "data", mountPath: `${HOME}/data` },
      { name: "conf", mountPath: `${HOME}/conf` },
      { name: "logs", mountPath: `${HOME}/logs` },
      { name: "status", mountPath: `${HOME}/status` },
      { name: "tmp", mountPath: "/tmp" },
      { name: "scripts", mountPath: "/scripts", readOnly: true },
      { name: "ca", mountPath: "/ca", readOnly: true },
    ],
  };
}

export function volumes(
  scripts: pulumi.Input<string>,
  { footprint, database }: NacosPodArgs,
): k8s.types.input.core.v1.Volume[] {
  return [
    { name: "scripts", configMap: { name: scripts } },
    { name: "ca", configMap: { name: database.caConfigMap } },
    ...emptyDirVolumes(nacosEmptyDirs(memoryOf(footprint).heap)),
  ];
}

function memoryOf(footprint: WorkloadFootprint): NacosMemory {
  return nacosMemory(memoryBytes(footprint.containers.nacos.limits.memory));
}

function environment(args: NacosPodArgs): k8s.types.input.core.v1.EnvVar[] {
  const { footprint, database, authSecret } = args;
  const memory = memoryOf(footprint);
  const plain = {
    TZ: "UTC",
    PREFER_HOST_MODE: "hostname",
    MEMBERS_PORT: String(MEMBERS_PORT),
    JVM_XMS: `${memory.heap}m`,
    JVM_XMX: `${memory.heap}m`,
    JVM_XMN: `${Math.floor(memory.heap / 2)}m`,
    JVM_MMS: `${memory.metaspace}m`,
    JAVA_OPT: pulumi
      .all([args.databasePoolSize, args.jvmOptions])
      .apply(([poolSize, options]) => javaOptions(poolSize, options, memory)),
    SPRING_DATASOURCE_PLATFORM: "mysql",
    MYSQL_SERVICE_HOST: database.host,
    MYSQL_SERVICE_PORT: pulumi.interpolate`${database.port}`,
    MYSQL_SERVICE_DB_NAME: database.name,
    MYSQL_SERVICE_DB_PARAM: JDBC_PARAMETERS,
    NACOS_AUTH_ENABLE: "true",
    // Logins continue to work from memory while the database is down.
    NACOS_AUTH_CACHE_ENABLE: "true",
  };
  const secret = (name: string, secretName: pulumi.Input<string>, key: string) => ({
    name,
    valueFrom: { secretKeyRef: { name: secretName, key } },
  });
  return [
    ...Object.entries(plain).map(([name, value]) => ({ name, value })),
    secret("MYSQL_SERVICE_USER", database.secret, "username"),
    secret("MYSQL_SERVICE_PASSWORD", database.secret, "password"),
    secret("NACOS_AUTH_TOKEN", authSecret, "token"),
    secret("NACOS_AUTH_IDENTITY_KEY", authSecret, "identityKey"),
    secret("NACOS_AUTH_IDENTITY_VALUE", authSecret, "identityValue"),
  ];
}
