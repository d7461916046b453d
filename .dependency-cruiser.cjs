// Who may import whom. docs/decisions/0001-rooms.md has the reasons. `npm run boundaries` checks it.

/** The files of a room: `room("kube")` matches kube/… and nothing else. */
const room = (...names) => `^(${names.join("|")})/`;

/** A room, and the only parts of this project beside itself that it may import. */
const MAY_IMPORT = {
  contract: [],
  clients: ["contract"],
  config: ["contract"],
  kube: ["contract", "clients", "config"],
  runtime: ["contract", "clients"],
  components: ["contract", "clients", "config", "kube"],
  // The second Pulumi project. Nobody imports it but the documentation of its configuration, and tests.
  tenants: ["contract", "clients", "config", "kube", "components"],
  examples: ["contract", "clients", "config", "kube", "components"],
  ops: ["contract", "clients", "config", "runtime"],
  "policy-pack": ["contract"],
  sandbox: ["contract", "clients", "ops"],
  // The steps of workflows. Nobody imports them but tests.
  pipeline: ["contract", "ops", "sandbox"],
};

/** Files at the top that a room may import. */
const FILES = {
  // What a stack file may say, without Pulumi.
  ops: ["schema\\.ts"],
  sandbox: ["schema\\.ts"],
};

/** What is ours. */
const OWN = ["^[^/]+\\.ts$", room(...Object.keys(MAY_IMPORT), "bench", "docs", "test")];

const rooms = Object.entries(MAY_IMPORT).map(([name, others]) => ({
  name: `${name}-imports-only`,
  comment: `${name}/ may import ${[...others.map((other) => `${other}/`), ...(FILES[name] ?? []).map((file) => file.replace("\\", ""))].join(", ") || "no other room"}.`,
  severity: "error",
  from: { path: room(name) },
  to: { path: OWN, pathNot: [room(name, ...others), ...(FILES[name] ?? []).map((file) => `^${file}$`)] },
}));

module.exports = {
  forbidden: [
    ...rooms,
    {
      name: "program-imports-only",
      comment: "The program is made of components; commands, guard and embedded cluster are its clients.",
      severity: "error",
      from: { path: "^(index|config|schema|products)\\.ts$" },
      to: {
        path: OWN,
        pathNot: [
          "^(config|schema|products)\\.ts$",
          room("contract", "clients", "config", "kube", "components", "examples"),
        ],
      },
    },
    { name: "no-circle", comment: "No circle of files.", severity: "error", from: {}, to: { circular: true } },
    {
      name: "no-circle-of-folders",
      comment: "No circle of folders.",
      severity: "error",
      scope: "folder",
      from: {},
      to: { circular: true },
    },
    {
      name: "siblings-by-their-interface",
      comment: "A component knows another by its interface only: what both know is in contract/.",
      severity: "error",
      from: { path: "^components/([^/]+)/" },
      to: { path: "^components/", pathNot: ["^components/$1/", "^components/[^/]+/(interface|database)\\.ts$"] },
    },
    {
      name: "schema-without-pulumi",
      comment: "Commands read stack files: what the schema is made of loads without Pulumi's SDK, but for its errors.",
      severity: "error",
      from: { path: "^(tenants/)?schema\\.ts$" },
      to: { path: "node_modules/@pulumi/", pathNot: "node_modules/@pulumi/pulumi/errors", reachable: true },
    },
    {
      name: "no-pulumi",
      comment: "What runs in pods, and what anybody may import, knows nothing of Pulumi.",
      severity: "error",
      from: { path: room("contract", "clients", "runtime") },
      to: { path: "node_modules/@pulumi/" },
    },
    {
      name: "not-to-tests",
      comment: "Nothing but tests and benchmarks imports tests.",
      severity: "error",
      from: { pathNot: "^(test|bench)/" },
      to: { path: "^test/" },
    },
    {
      name: "resolvable",
      comment: "Every import is found.",
      severity: "error",
      from: {},
      to: { path: "^\\.", couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    // The example is a project of others, which uses the package of policies by its name.
    exclude: { path: "^(sandbox/toolchain/modules|examples/policies)/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { extensions: [".ts", ".js", ".cjs", ".mjs", ".json"] },
  },
};
