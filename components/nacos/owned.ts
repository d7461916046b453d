/** What the stack sets in a Nacos server. `nacos.properties` and `nacos.jvmOptions` may not set it. */

interface Owned {
  readonly name: RegExp;
  /** What to do instead: the text that follows the name in a message. */
  readonly instead: string;
}

const NETWORK = "leave it out: probes, Services and network policies depend on it";
const MEMBERS = "leave it out: the members' names come from nacos.replicas and nacos.clusterDomain";
const MEMORY = "set nacos.resources.limits.memory, which it is derived from";
const FILES = "leave it out: it depends on where the pod may write";

/** Names are in the form of {@link canonical}. */
const PROPERTIES: readonly Owned[] = [
  { name: /^db\.pool\.config\.maximumpoolsize$/, instead: "set nacos.databasePoolSize" },
  {
    name: /^db\.(num|url|user|password|pool\.config\.(jdbcurl|username|password|driverclassname))(\.|$)/,
    instead: "set mysql.mode, and with external its host, port, user and password",
  },
  { name: /^spring\.(datasource|sql\.init)\./, instead: "set mysql.mode" },
  { name: /^embeddedstorage$/, instead: "leave it out: configurations are kept in MySQL" },
  {
    name: /^nacos\.core\.auth\.(?!plugin\.nacos\.token\.(expire\.seconds|cache\.enable)$)/,
    instead: "leave it out: logins are always on, and the keys are in Secret nacos-auth",
  },
  { name: /^nacos\.security\.ignore\.urls$/, instead: "leave it out: logins are always on" },
  {
    name: /^(server\.(port|address|contextpath|servlet\.contextpath|ssl\..*)|nacos\.(server\.(main\.port|contextpath|grpc\.port\.offset)|console\.(port|contextpath)))$/,
    instead: NETWORK,
  },
  { name: /^management\.(server|endpoints\.web)\./, instead: NETWORK },
  {
    name: /^nacos\.(naming\.data\.warmup|core\.protocol\.distro\.data\.load\.retrydelayms)$/,
    instead: "leave it out: readiness depends on it",
  },
  {
    name: /^(nacos\.(standalone|member\.list|server\.ip|preferhostnameoverip|functionmode|deployment\.type)|nacos\.(inetutils|core\.member|core\.addressserver)\..*|address\.server\..*)$/,
    instead: MEMBERS,
  },
  {
    name: /^server\.tomcat\.(basedir|accesslog\..*)$/,
    instead: "leave it out: an access log would fill the pod's ephemeral storage",
  },
  { name: /^(nacos\.(home|logs\.path)|user\.home|java\.io\.tmpdir)$/, instead: FILES },
  { name: /^user\.timezone$/, instead: "leave it out: servers and database are in UTC" },
  { name: /^spring\.(config|profiles|main)\./, instead: "leave it out: Nacos reads the files of the image" },
  {
    name: /^logging\.level\.com\.alibaba\.nacos\.core\.auth/,
    instead: "leave it out: this logger writes the token key",
  },
  { name: /^logging\.(?!level\.)/, instead: "leave it out, or set the level of one logger: logging.level.<logger>" },
  { name: /^(io\.grpc\.netty\.shaded\.)?io\.netty\.maxdirectmemory$/, instead: MEMORY },
];

const JVM_OPTIONS: readonly Owned[] = [
  { name: /^-X(mx|ms|mn|ss)/, instead: MEMORY },
  {
    name: /^-XX:((Max|Min|Initial|SoftMax)HeapSize|(Max)?NewSize|NewRatio|(Max|Min|Initial)RAM\w*|MaxDirectMemorySize|(Max)?MetaspaceSize|CompressedClassSpaceSize|(Reserved|Initial)CodeCacheSize|ThreadStackSize)=/,
    instead: MEMORY,
  },
  {
    name: /^-XX:[+-](Exit|Crash)OnOutOfMemoryError$/,
    instead: "leave it out: a server that is out of memory is restarted",
  },
  { name: /^-XX:[+-]UseContainerSupport$/, instead: "leave it out: without it the JVM sizes itself for the node" },
  { name: /^-XX:HeapDumpPath=/, instead: FILES },
  {
    name: /^-(jar|cp|classpath|-class-path|-module|-module-path|m|p)(=|$)/,
    instead: "leave it out: the image decides what runs",
  },
];

/** A property's name in the form in which Spring compares names: `server.tomcat.basedir` for `server.tomcat.base-dir` and `SERVER.tomcat.baseDir`. */
export function canonical(name: string): string {
  return name
    .toLowerCase()
    .replace(/\[(\w+)\]/g, ".$1")
    .replace(/[-_]/g, "");
}

/** What to do instead of setting this property; undefined if it may be set. */
export function insteadOfProperty(name: string): string | undefined {
  const written = canonical(name);
  return PROPERTIES.find((owned) => owned.name.test(written))?.instead;
}

/** What to do instead of setting this JVM option, which is no `-D`; undefined if it may be set. */
export function insteadOfJvmOption(option: string): string | undefined {
  return JVM_OPTIONS.find((owned) => owned.name.test(option))?.instead;
}
