import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { requireCluster } from "../sandbox/cluster/cluster";
import { apply, Kubectl, kubectlFor } from "../sandbox/cluster/kubectl";
import { ensureVolumes } from "../sandbox/cluster/volumes";
import { loadSession, stackOn } from "../sandbox/commands/session";
import { Stack } from "../sandbox/deploy/stack";
import { run, waitFor } from "../sandbox/exec";
import { checkout } from "../sandbox/paths";
import { progress } from "../sandbox/progress";
import { type Environment, make } from "../test/e2e/support/environments";
import { deployedResources, flatProgram, manifests } from "./deployment";
import { prod } from "./environments";
import { Measured, ratio, seconds, timed } from "./results";

const PAIRS = 3;

/** With empty caches of everything except Debian's packages, in a separate clone. */
export async function coldUp(): Promise<Measured[]> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "nacos-platform-cold-"));
  const clone = path.join(folder, "clone");
  const name = "NAME=bench-cold";
  const env = {
    ...process.env,
    XDG_CACHE_HOME: path.join(folder, "cache"),
    GOCACHE: path.join(folder, "go-build"),
    GOMODCACHE: path.join(folder, "go-mod"),
    MAVEN_OPTS: `-Dmaven.repo.local=${path.join(folder, "maven")}`,
    npm_config_cache: path.join(folder, "npm"),
  };
  await run("git", ["clone", "--quiet", checkout, clone]);
  const cold = (...words: string[]) => run("make", ["--silent", ...words], { cwd: clone, env });
  try {
    return [
      {
        figure: "cold `make up`",
        value: await timed(() => cold("up", name, "PORT_OFFSET=7000")),
        limit: "≤ 25 min",
        how: "fresh clone, empty caches of Go, npm, Maven and the project; Debian packages installed",
      },
    ];
  } finally {
    // If `make up` failed early, there is no cluster to take down, and that must not hide why it failed.
    await cold("down", name, "DELETE=bench-cold").catch((error: unknown) => console.error(String(error)));
    await run("chmod", ["-R", "u+w", folder]);
    fs.rmSync(folder, { recursive: true });
  }
}

/** From no cluster to a running environment, with warm caches; then once more without changes. */
export async function warmUp(environment: Environment, limitSeconds: number): Promise<Measured[]> {
  const { stack } = environment;
  const first = await timed(() => make("up", environment));
  const again = await timed(() => make("up", environment));
  const nodes = stack === "prod" ? "three nodes" : "one node";
  return [
    {
      figure: `warm \`make up\`, ${stack}`,
      value: first,
      limit: `≤ ${limitSeconds} s`,
      how: `from no cluster to a running environment on ${nodes}: the platform and its tenants`,
    },
    {
      figure: `\`make up\` without changes, ${stack}`,
      value: again,
      limit: "≤ 15 s",
      how: "the same command on the running environment: the platform and its tenants",
    },
  ];
}

/** The program compared with the same resources written flat, both previewed as new stacks in another namespace, without policies. */
export async function previewOverhead(): Promise<Measured[]> {
  const { stack } = prodStack();
  const folder = fs.mkdtempSync(path.join(checkout, "bench", ".flat-"));
  try {
    fs.writeFileSync(
      path.join(folder, "index.ts"),
      flatProgram(await deployedResources(stack, "masked"), { from: "nacos-prod", to: "nacos-flat" }),
      { mode: 0o600 },
    );
    fs.writeFileSync(path.join(folder, "package.json"), '{ "main": "index.ts" }');
    fs.copyFileSync(path.join(checkout, "tsconfig.json"), path.join(folder, "tsconfig.json"));
    fs.writeFileSync(
      path.join(folder, "Pulumi.yaml"),
      fs.readFileSync(path.join(checkout, "Pulumi.yaml"), "utf8").replace("name: nacos-platform", "name: flat"),
    );
    const env = {
      ...stack.environment,
      PULUMI_STACK: undefined,
      PULUMI_OPTION_CONFIG_FILE: undefined,
      PULUMI_OPTION_POLICY_PACK: emptyPack(path.join(folder, "pack")),
    };
    await run("pulumi", ["stack", "init", "flat"], { cwd: folder, env });
    const project = path.join(folder, "program");
    await prepareEmptyProgram(project, stack, env);
    const preview = (cwd: string, name: string, ...flags: string[]) =>
      run("pulumi", ["preview", "--non-interactive", "--stack", name, ...flags], { cwd, env });
    const own: number[] = [];
    const peer: number[] = [];
    for (let pair = 0; pair < PAIRS; pair++) {
      own.push(await seconds(() => preview(project, "prod-bench")));
      peer.push(await seconds(() => preview(folder, "flat")));
    }
    return [
      {
        figure: "preview of prod, to the same resources in one flat file",
        value: ratio(own, peer),
        limit: "≤ 1.5 ×",
        how: "`pulumi preview` of new stacks, in turn",
      },
    ];
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

/** A pack without rules: the program runs only if a pack marks it as evaluated. */
function emptyPack(folder: string): string {
  fs.mkdirSync(folder);
  fs.writeFileSync(path.join(folder, "PulumiPolicy.yaml"), "runtime: nodejs\nmain: index.js\n");
  fs.writeFileSync(path.join(folder, "package.json"), '{ "version": "0.0.1" }');
  fs.writeFileSync(
    path.join(folder, "index.js"),
    `require("sucrase/register");
const { PolicyPack } = require("@pulumi/policy");
new PolicyPack("bench", { policies: [require("../../../policy-pack/lib/mark").mark] });
`,
  );
  return folder;
}

/** The program as a separate project whose stack has deployed nothing. */
async function prepareEmptyProgram(project: string, stack: Stack, env: NodeJS.ProcessEnv): Promise<void> {
  fs.mkdirSync(project);
  fs.writeFileSync(path.join(project, "package.json"), '{ "main": "../../../index.ts" }');
  fs.copyFileSync(path.join(checkout, "tsconfig.json"), path.join(project, "tsconfig.json"));
  fs.writeFileSync(
    path.join(project, "Pulumi.yaml"),
    fs.readFileSync(path.join(checkout, "Pulumi.yaml"), "utf8").replace("main: index.ts", "main: ../../../"),
  );
  await run("pulumi", ["stack", "init", "prod-bench"], { cwd: project, env });
  // With the salt that its secrets are encrypted with.
  fs.copyFileSync(stack.configFile, path.join(project, "Pulumi.prod-bench.yaml"));
  // Prod's own belongs to prod.
  await run("pulumi", ["config", "set", "--stack", "prod-bench", "nacos-platform:namespace", "nacos-bench"], {
    cwd: project,
    env,
  });
}

/**
 * Until every Nacos server is ready: an update by Pulumi compared with `kubectl apply` of the same manifests, on the same
 * cluster, in turn. kubectl has no preview, so Pulumi's preview is measured separately, and has a separate figure.
 */
export async function nacosReady(): Promise<Measured[]> {
  const { stack, kubectl } = prodStack();
  const applied = manifests(await deployedResources(stack, "plain"));
  const clear = async () => {
    await kubectl(["delete", "namespace", "nacos-prod", "--ignore-not-found", "--timeout=180s"]);
    await kubectl(["delete", "priorityclass", "-l", "app.kubernetes.io/part-of=nacos-platform"]);
    await ensureVolumes(requireCluster(prod.cluster), kubectl);
  };
  const forget = () => stack.pulumi(["state", "delete", "--all", "--force", "--yes"]);
  const own: number[] = [];
  const withPreview: number[] = [];
  const peer: number[] = [];
  for (let pair = 0; pair < PAIRS; pair++) {
    progress(`Nacos ready, pair ${pair + 1} of ${PAIRS}`);
    await clear();
    await forget();
    const previewed = await seconds(() => stack.pulumi(["preview", "--non-interactive"]));
    own.push(await untilReady(kubectl, () => stack.pulumi(["up", "--yes", "--non-interactive", "--skip-preview"])));
    withPreview.push(previewed + own[pair]);
    await clear();
    peer.push(
      await untilReady(kubectl, () =>
        apply(kubectl, JSON.stringify({ apiVersion: "v1", kind: "List", items: applied })),
      ),
    );
  }
  const how = "prod on three nodes, under the policy pack, to three ready servers";
  return [
    {
      figure: "Nacos ready after an update by Pulumi, to `kubectl apply`",
      value: ratio(own, peer),
      limit: "≤ 1.3 ×",
      how: `${how}, from \`pulumi up --skip-preview\``,
    },
    {
      figure: "Nacos ready after a preview and an update by Pulumi, to `kubectl apply`",
      value: ratio(withPreview, peer),
      limit: "none",
      how: `${how}, from \`pulumi preview\` before that; kubectl has nothing like it`,
    },
  ];
}

/** Seconds from the start of a deployment until three servers of Nacos are ready. */
async function untilReady(kubectl: Kubectl, deploy: () => Promise<unknown>): Promise<number> {
  const ready = () =>
    kubectl([
      "--namespace",
      "nacos-prod",
      "get",
      "statefulset",
      "nacos",
      "-o",
      "jsonpath={.status.readyReplicas}",
    ]).catch(() => "");
  const [taken] = await Promise.all([
    seconds(() => waitFor("three servers of Nacos to be ready", 600, async () => (await ready()) === "3", 500)),
    deploy(),
  ]);
  return taken;
}

function prodStack(): { stack: Stack; kubectl: Kubectl } {
  const cluster = requireCluster(prod.cluster);
  const session = loadSession(cluster);
  return { stack: stackOn(cluster, session, "prod"), kubectl: kubectlFor(cluster, session.binaries) };
}
