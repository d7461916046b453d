import { Cluster, listClusters, requireCluster } from "../cluster/cluster";
import { diedProcesses, processStates } from "../cluster/place";
import { isReady } from "../cluster/control-plane";
import { failedJobs, JobList } from "../cluster/jobs";
import { kubectlFor } from "../cluster/kubectl";
import { lastLines } from "../exec";
import { Options } from "../options";
import { loadSession } from "./session";

/** Reports what runs in a cluster and what does not. Exits with status 1 if something is wrong. */
export async function status(options: Options): Promise<void> {
  const cluster = requireCluster(options.name);
  const others = listClusters().filter((name) => name !== cluster.spec.name);
  if (others.length > 0) console.log(`(other clusters: ${others.join(", ")}; choose one with NAME=…)`);
  const problems = await report(cluster);
  if (problems.length === 0) {
    console.log("everything runs");
  } else {
    console.log(problems.map((problem) => `PROBLEM: ${problem}`).join("\n"));
    console.log("`make up` with the same arguments (STACK, NAME, PORT_OFFSET) starts again what has died.");
    process.exitCode = 1;
  }
}

async function report(cluster: Cluster): Promise<string[]> {
  const states = processStates(cluster);
  if (states.every(({ alive }) => !alive))
    return [`cluster "${cluster.spec.name}" is down: none of its processes runs`];
  const problems = diedProcesses(cluster);
  console.log(`cluster "${cluster.spec.name}": ${states.length - problems.length} of ${states.length} processes run`);

  const { binaries } = loadSession(cluster);
  if (!(await isReady(cluster, binaries)))
    return [...problems, `the API server on 127.0.0.1:${cluster.spec.apiPort} does not answer`];
  const kubectl = kubectlFor(cluster, binaries);
  console.log(await kubectl(["get", "nodes", "--label-columns=topology.kubernetes.io/zone"]));
  console.log(await kubectl(["get", "pods", "--all-namespaces", "--output=wide"]));
  return [...problems, ...(await workloadProblems(kubectl))];
}

async function workloadProblems(kubectl: ReturnType<typeof kubectlFor>): Promise<string[]> {
  const problems: string[] = [];
  const nodes = await kubectl(["get", "nodes", "--no-headers"]);
  for (const line of lastLines(nodes, 10).split("\n"))
    if (!/\sReady\s/.test(line)) problems.push(`node ${line.split(/\s+/)[0]} is not Ready`);
  const jobs = JSON.parse(await kubectl(["get", "jobs", "--all-namespaces", "-o", "json"])) as JobList;
  for (const job of failedJobs(jobs)) problems.push(`Job ${job} has failed; \`make logs\` shows why`);
  const pods = await kubectl([
    "get",
    "pods",
    "--all-namespaces",
    "--no-headers",
    "--field-selector=status.phase!=Succeeded,status.phase!=Failed",
  ]);
  for (const line of pods.split("\n").filter((text) => text !== "")) {
    const [namespace, name, ready, phase] = line.split(/\s+/);
    const [up, of] = ready.split("/");
    if (up !== of) problems.push(`pod ${namespace}/${name} is ${phase}, ${ready} containers ready`);
  }
  return problems;
}
