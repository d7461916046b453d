import * as fs from "node:fs";
import * as path from "node:path";
import { run } from "../exec";
import { debianArchitecture } from "./archive";
import { extractDebian, makeFolder } from "./debian";
import { toMysqlSchema } from "./mysql-schema";
import { Recipe, Site } from "./recipe";

const version = "2.2.4"; // as in nacos/pom.xml
const uid = 1000;
const home = "home/nacos";
const files = path.join(__dirname, "nacos");

/** Nacos from its published jars, laid out and started as the official image does it. The console is in no published jar. */
export const nacos: Recipe = {
  name: "nacos",
  sources: [__filename, path.join(__dirname, "mysql-schema.ts"), files],
  async build(site) {
    const javaHome = `/usr/lib/jvm/java-17-openjdk-${debianArchitecture()}`;
    await extractDebian(site, {
      suite: "bookworm",
      packages: ["openjdk-17-jre-headless", "bash", "coreutils", "grep", "sed", "findutils", "hostname"],
      account: { name: "nacos", id: uid, home: `/${home}` },
      drop: [
        "usr/bin/perl*", "usr/lib/*/perl*", "usr/share/perl", "usr/share/fonts", "usr/lib/*/gconv", "usr/share/gcc", "usr/share/gdb",
        "usr/lib/jvm/*/lib/ct.sym", "usr/lib/jvm/*/legal", "usr/lib/jvm/*/man",
        "usr/lib/jvm/*/lib/server/classes_nocoops.jsa", // for heaps above 32 GiB
      ],
    });
    fs.symlinkSync(`${javaHome}/bin/java`, path.join(site.root, "usr/bin/java"));
    const target = await compile(site);
    await layOut(site, target);
    return { version, config: { Env: environment(javaHome), WorkingDir: `/${home}`, Entrypoint: ["bin/docker-startup.sh"], ExposedPorts: { "8848/tcp": {}, "9848/tcp": {}, "9849/tcp": {}, "7848/tcp": {} } } };
  },
};

/** Compiles the few classes of ours and gathers the jars, outside the checkout. */
async function compile(site: Site): Promise<string> {
  const project = path.join(site.work, "nacos");
  fs.cpSync(files, project, { recursive: true });
  const native = debianArchitecture() === "arm64" ? "linux-aarch64" : "linux64";
  await site.run("mvn", ["-B", "-ntp", `-Drocksdb.native=${native}`, "compiler:compile", "dependency:unpack", "jar:jar", "dependency:copy-dependencies"], { cwd: project });
  return path.join(project, "target");
}

async function layOut(site: Site, target: string): Promise<void> {
  const base = path.join(site.root, home);
  for (const folder of ["bin", "conf", "target", "lib"]) fs.mkdirSync(path.join(base, folder), { recursive: true });
  for (const folder of ["conf", "data", "logs"]) makeFolder(base, folder, uid, 0o755);
  fs.copyFileSync(path.join(target, "nacos-server.jar"), path.join(base, "target/nacos-server.jar"));
  fs.cpSync(path.join(target, "lib"), path.join(base, "lib"), { recursive: true });
  fs.cpSync(path.join(files, "conf"), path.join(base, "conf"), { recursive: true });
  fs.copyFileSync(path.join(files, "bin/docker-startup.sh"), path.join(base, "bin/docker-startup.sh"));
  fs.chmodSync(path.join(base, "bin/docker-startup.sh"), 0o755);
  const jar = path.join(base, "lib", `nacos-config-${version}.jar`);
  await site.run("jar", ["--extract", "--file", jar, "META-INF/derby-schema.sql"], { cwd: site.work });
  const derby = fs.readFileSync(path.join(site.work, "META-INF/derby-schema.sql"), "utf8");
  fs.writeFileSync(path.join(base, "conf/mysql-schema.sql"), toMysqlSchema(derby));
  await run("chmod", ["-R", "a+rX", base]); // whatever the umask of who builds
}

/** The variables that the official image sets; pods override them. */
function environment(javaHome: string): string[] {
  const variables = {
    PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    MODE: "cluster", PREFER_HOST_MODE: "ip", FUNCTION_MODE: "all", NACOS_DEBUG: "n", TOMCAT_ACCESSLOG_ENABLED: "false",
    BASE_DIR: `/${home}`, CLUSTER_CONF: `/${home}/conf/cluster.conf`, JAVA_HOME: javaHome, JAVA: `${javaHome}/bin/java`,
    JVM_XMS: "1g", JVM_XMX: "1g", JVM_XMN: "512m", JVM_MS: "128m", JVM_MMS: "320m",
  };
  return Object.entries(variables).map(([name, value]) => `${name}=${value}`);
}
