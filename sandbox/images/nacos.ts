import * as fs from "node:fs";
import * as path from "node:path";
import { run } from "../exec";
import { debianArchitecture } from "./archive";
import { extractDebian, makeFolder } from "./debian";
import { toMysqlSchema } from "./mysql-schema";
import { Built, Recipe, Site } from "./recipe";

const uid = 1000;
const home = "home/nacos";
const files = path.join(__dirname, "nacos");
/** What every series shares: the entrypoint and the log's configuration. */
const common = [path.join(files, "bin"), path.join(files, "conf")];

/** What differs between the series. */
interface Series {
  /** The image's name in the sandbox. */
  name: string;
  /** The image's tag, as in the series' pom.xml. */
  version: string;
  /** The series' folder: pom.xml, src and conf. */
  folder: string;
  /** Further sources that decide the image's content. */
  sources: string[];
  ports: number[];
  environment: Record<string, string>;
  /** MySQL's schema, out of the jars in `lib`. */
  schema(site: Site, lib: string): Promise<string>;
}

/** Nacos 3.1 with its console, which every embedded stack runs. */
export const nacos = recipe({
  name: "nacos",
  version: "3.1.0",
  folder: path.join(files, "3.1"),
  sources: [],
  ports: [8848, 9848, 9849, 7848, 8080],
  environment: { NACOS_DEPLOYMENT_TYPE: "merged" },
  schema: (site, lib) => fromJar(site, path.join(lib, "nacos-config-3.1.0-bugfix.jar"), "META-INF/mysql-schema.sql"),
});

/** Nacos 2.2, from which a drill upgrades. Its console is in no published jar, and its schema is published in Derby's dialect only. */
export const nacos22 = recipe({
  name: "nacos-2.2",
  version: "2.2.4",
  folder: path.join(files, "2.2"),
  sources: [path.join(__dirname, "mysql-schema.ts")],
  ports: [8848, 9848, 9849, 7848],
  environment: { TOMCAT_ACCESSLOG_ENABLED: "false" },
  schema: async (site, lib) =>
    toMysqlSchema(await fromJar(site, path.join(lib, "nacos-config-2.2.4.jar"), "META-INF/derby-schema.sql")),
});

/** Nacos from its published jars, laid out and started as the official image does it. */
function recipe(series: Series): Recipe {
  return {
    name: series.name,
    sources: [__filename, ...common, series.folder, ...series.sources],
    build: (site) => build(site, series),
  };
}

async function build(site: Site, series: Series): Promise<Built> {
  const javaHome = `/usr/lib/jvm/java-17-openjdk-${debianArchitecture()}`;
  await extractDebian(site, {
    suite: "bookworm",
    packages: ["openjdk-17-jre-headless", "bash", "coreutils", "grep", "sed", "findutils", "hostname"],
    account: { name: "nacos", id: uid, home: `/${home}` },
    drop: [
      "usr/bin/perl*",
      "usr/lib/*/perl*",
      "usr/share/perl",
      "usr/share/fonts",
      "usr/lib/*/gconv",
      "usr/share/gcc",
      "usr/share/gdb",
      "usr/lib/jvm/*/lib/ct.sym",
      "usr/lib/jvm/*/legal",
      "usr/lib/jvm/*/man",
      "usr/lib/jvm/*/lib/server/classes_nocoops.jsa", // for heaps above 32 GiB
    ],
  });
  fs.symlinkSync(`${javaHome}/bin/java`, path.join(site.root, "usr/bin/java"));
  await layOut(site, series, await compile(site, series));
  return {
    version: series.version,
    config: {
      Env: environment(javaHome, series),
      WorkingDir: `/${home}`,
      Entrypoint: ["bin/docker-startup.sh"],
      ExposedPorts: Object.fromEntries(series.ports.map((port) => [`${port}/tcp`, {}])),
    },
  };
}

/** Compiles the few classes of ours and gathers the jars, outside the checkout. */
async function compile(site: Site, { folder }: Series): Promise<string> {
  const project = path.join(site.work, "nacos");
  fs.cpSync(folder, project, { recursive: true });
  const native = debianArchitecture() === "arm64" ? "linux-aarch64" : "linux64";
  await site.run(
    "mvn",
    [
      "-B",
      "-ntp",
      `-Drocksdb.native=${native}`,
      "compiler:compile",
      "dependency:unpack",
      "jar:jar",
      "dependency:copy-dependencies",
    ],
    { cwd: project },
  );
  return path.join(project, "target");
}

async function layOut(site: Site, series: Series, target: string): Promise<void> {
  const base = path.join(site.root, home);
  for (const folder of ["bin", "conf", "target", "lib"]) fs.mkdirSync(path.join(base, folder), { recursive: true });
  for (const folder of ["conf", "data", "logs"]) makeFolder(base, folder, uid, 0o755);
  fs.copyFileSync(path.join(target, "nacos-server.jar"), path.join(base, "target/nacos-server.jar"));
  fs.cpSync(path.join(target, "lib"), path.join(base, "lib"), { recursive: true });
  for (const folder of [files, series.folder])
    fs.cpSync(path.join(folder, "conf"), path.join(base, "conf"), { recursive: true });
  fs.copyFileSync(path.join(files, "bin/docker-startup.sh"), path.join(base, "bin/docker-startup.sh"));
  fs.chmodSync(path.join(base, "bin/docker-startup.sh"), 0o755);
  fs.writeFileSync(path.join(base, "conf/mysql-schema.sql"), await series.schema(site, path.join(base, "lib")));
  await run("chmod", ["-R", "a+rX", base]); // whatever the umask of the building user is
}

async function fromJar(site: Site, jar: string, file: string): Promise<string> {
  await site.run("jar", ["--extract", "--file", jar, file], { cwd: site.work });
  return fs.readFileSync(path.join(site.work, file), "utf8");
}

/** The variables that the official image sets; pods override them. */
function environment(javaHome: string, series: Series): string[] {
  const variables = {
    PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    MODE: "cluster",
    PREFER_HOST_MODE: "ip",
    FUNCTION_MODE: "all",
    NACOS_DEBUG: "n",
    BASE_DIR: `/${home}`,
    CLUSTER_CONF: `/${home}/conf/cluster.conf`,
    JAVA_HOME: javaHome,
    JAVA: `${javaHome}/bin/java`,
    JVM_XMS: "1g",
    JVM_XMX: "1g",
    JVM_XMN: "512m",
    JVM_MS: "128m",
    JVM_MMS: "320m",
    ...series.environment,
  };
  return Object.entries(variables).map(([name, value]) => `${name}=${value}`);
}
