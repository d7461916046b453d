import * as pulumi from "@pulumi/pulumi";
import * as debuggable from "@pulumi/pulumi/runtime/debuggable";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks";

/** Marks a secret in what the SDK sends to the engine. */
const SIGNATURE_KEY = "4dabf18193072939515e22adb298388d";
const SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270";

/** Inputs as deep as one cares to look. */
export interface Tree {
  readonly [key: string]: Tree;
}

/** A resource as the program registered it. */
export interface Recorded {
  readonly type: string;
  readonly name: string;
  /** Inputs with secrets laid open. */
  readonly inputs: Tree;
  /** Names of the inputs that were sent as secrets. */
  readonly secretInputs: readonly string[];
  /** Logical name of the parent, or "" at the top. */
  readonly parent: string;
  /** As the engine would know it, and under which further URNs, by its aliases and those of its parents. */
  readonly urn: string;
  readonly formerUrns: readonly string[];
  readonly protect: boolean;
  /** Whether the thing stays when the resource goes. */
  readonly retainOnDelete: boolean;
  /** Logical name of the resource with which it goes without being deleted, or "". */
  readonly deletedWith: string;
  /** Inputs that belong to others once the resource is there. */
  readonly ignoreChanges: readonly string[];
  /** Logical names of the resources that it waits for. */
  readonly dependsOn: readonly string[];
  readonly provider: string;
  /** Names of the hooks that an engine runs before it makes it, and before it changes it. */
  readonly hooks: { readonly beforeCreate: readonly string[]; readonly beforeUpdate: readonly string[] };
  /** Those that it runs before it deletes it. */
  readonly beforeDelete: readonly string[];
  /** By this id it is taken over instead of made; "" if not. */
  readonly importId: string;
  readonly read: boolean;
  readonly deleteBeforeReplace: boolean;
  /** Resources as `type::name`: its parent, what it waits for, and, by property, where a value comes from. */
  readonly links: {
    readonly parent: string;
    readonly dependencies: readonly string[];
    readonly sources: Readonly<Record<string, readonly string[]>>;
  };
}

export interface Recording<T> {
  readonly resources: readonly Recorded[];
  readonly result: T;
  /** The one resource of this type and metadata.name. Throws unless there is exactly one. */
  one(type: string, kubernetesName?: string): Recorded;
  all(type: string): readonly Recorded[];
}

export interface RecordOptions {
  readonly stack?: string;
  /** Full keys with text values, as Pulumi hands them over. */
  readonly config?: Readonly<Record<string, string>>;
  /** Full keys of those that are encrypted. */
  readonly secretKeys?: readonly string[];
  /** Default: nacos-platform. */
  readonly project?: string;
  /** What is found of resources that are read, by their names. */
  readonly found?: Readonly<Record<string, object>>;
  /** What an invoke is answered, or throws. Default: its inputs. */
  readonly call?: (token: string) => Record<string, unknown>;
  /** How the StorageClasses that are read reclaim. Default: Retain. */
  readonly reclaimPolicy?: "Retain" | "Delete";
}

interface Alias {
  getUrn(): string;
  getSpec(): { getName(): string; getType(): string } | undefined;
}

interface Request {
  getAliasesList(): Alias[];
  getType(): string;
  getName(): string;
  getParent(): string;
  getProtect(): boolean;
  getRetainondelete(): boolean;
  getDeletedwith(): string;
  getIgnorechangesList(): string[];
  getDependenciesList(): string[];
  getPropertydependenciesMap(): { entries(): Iterable<[string, { getUrnsList(): string[] }]> };
  getDeletebeforereplace(): boolean;
  getHooks():
    | { getBeforeCreateList(): string[]; getBeforeUpdateList(): string[]; getBeforeDeleteList(): string[] }
    | undefined;
  getImportid(): string;
  getAdditionalsecretoutputsList(): string[];
}

type RegisterResource = (this: MockMonitor, request: Request, callback: unknown) => Promise<void>;

// The mocks are told neither parent nor protection nor which outputs are secret; the request is, so it is kept on the way.
const requests = new Map<string, Request>();
const prototype = MockMonitor.prototype as unknown as { registerResource: RegisterResource };
const registerResource = prototype.registerResource;
prototype.registerResource = function (request, callback) {
  requests.set(`${request.getType()}::${request.getName()}`, request);
  return registerResource.call(this, request, callback);
};

// Nor do the mocks know hooks, which an engine runs beside what it makes.
const registerHook = (_request: unknown, callback: (error: null, response: object) => void): void => {
  callback(null, {});
};
Object.assign(MockMonitor.prototype, { registerResourceHook: registerHook, registerErrorHook: registerHook });

// The SDK gives each promise a stack trace, for the case that it is never settled. That was a quarter of the time of these
// tests. A promise that leaks is still reported; its trace only if asked for.
if (!process.env.PULUMI_DEBUG_PROMISE_LEAKS) {
  const traced = debuggable as unknown as { debuggablePromise: (promise: unknown, context: unknown) => unknown };
  const { debuggablePromise } = traced;
  traced.debuggablePromise = (promise, context) => {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    try {
      return debuggablePromise(promise, context);
    } finally {
      Error.stackTraceLimit = limit;
    }
  };
}

/** Runs a program against an engine that only writes down what is registered, and waits until all of it is. */
export async function record<T>(program: () => T | Promise<T>, options: RecordOptions = {}): Promise<Recording<T>> {
  const resources: Recorded[] = [];
  requests.clear();
  urns.clear();
  await pulumi.runtime.setMocks(
    {
      call: ({ token, inputs }) => options.call?.(token) ?? (inputs as Record<string, unknown>),
      newResource: (args) => {
        const request = requests.get(`${args.type}::${args.name}`);
        const inputs = args.inputs as Record<string, unknown>;
        resources.push({
          type: args.type,
          name: args.name,
          inputs: Object.fromEntries(Object.entries(inputs).map(([key, value]) => [key, reveal(value)])) as Tree,
          secretInputs: Object.keys(inputs).filter((key) => containsSecret(inputs[key])),
          parent: nameIn(request?.getParent() ?? ""),
          ...urnsOf(args, request, options),
          protect: request?.getProtect() ?? false,
          deletedWith: nameIn(request?.getDeletedwith() ?? ""),
          retainOnDelete: request?.getRetainondelete() ?? false,
          ignoreChanges: request?.getIgnorechangesList() ?? [],
          dependsOn: (request?.getDependenciesList() ?? []).map(nameIn).sort(),
          provider: nameIn((args.provider ?? "").split("::").slice(0, -1).join("::")),
          hooks: {
            beforeCreate: request?.getHooks()?.getBeforeCreateList() ?? [],
            beforeUpdate: request?.getHooks()?.getBeforeUpdateList() ?? [],
          },
          beforeDelete: request?.getHooks()?.getBeforeDeleteList() ?? [],
          importId: request?.getImportid() ?? "",
          read: request === undefined,
          deleteBeforeReplace: request?.getDeletebeforereplace() ?? false,
          links: {
            parent: typeAndName(request?.getParent() ?? ""),
            dependencies: (request?.getDependenciesList() ?? []).map(typeAndName),
            sources: Object.fromEntries(
              [...(request?.getPropertydependenciesMap().entries() ?? [])].map(([key, value]) => [
                key,
                value.getUrnsList().map(typeAndName),
              ]),
            ),
          },
        });
        return { id: `${args.name}-id`, state: outputsOf(args, request, options) };
      },
    },
    projectOf(options),
    options.stack ?? "dev",
    true,
  ); // a preview: nothing asks a server
  pulumi.runtime.setAllConfig({ ...options.config }, [...(options.secretKeys ?? [])]);
  const result = await program();
  await pulumi.runtime.disconnect();
  const all = (type: string): Recorded[] => resources.filter((r) => r.type === type);
  const one = (type: string, kubernetesName?: string): Recorded => {
    const named = (r: Recorded): unknown => (r.inputs.metadata as Tree | undefined)?.name;
    const found = all(type).filter((r) => kubernetesName === undefined || named(r) === kubernetesName);
    if (found.length !== 1) {
      const there = resources.map((r) => `${r.type} ${r.name}`).join("\n  ");
      throw new Error(`${found.length} resources of type ${type} ${kubernetesName ?? ""}, among\n  ${there}`);
    }
    return found[0];
  };
  return { resources, result, one, all };
}

/** A list among the inputs. */
export function items(tree: Tree): readonly Tree[] {
  return Object.values(tree);
}

/** The value of an output, and whether it is secret. */
export async function settle<T>(output: pulumi.Output<T>): Promise<{ value: T; secret: boolean }> {
  const secret = await pulumi.isSecret(output);
  const value = await new Promise<T>((resolve) => output.apply(resolve));
  return { value, secret };
}

/** What the engine would answer: the inputs, what the providers of passwords and certificates make up, and secrets marked as asked for. */
function outputsOf(
  args: pulumi.runtime.MockResourceArgs,
  request: Request | undefined,
  options: RecordOptions,
): Record<string, unknown> {
  const made: Record<string, Record<string, unknown>> = {
    "random:index/randomPassword:RandomPassword": {
      result: `password-of-${args.name}`,
      bcryptHash: `hash-of-${args.name}`,
    },
    "random:index/randomId:RandomId": { hex: `id-of-${args.name}` },
    "random:index/randomBytes:RandomBytes": { base64: `base64-of-${args.name}`, hex: "00" },
    "tls:index/privateKey:PrivateKey": { privateKeyPem: `key-of-${args.name};` },
    "tls:index/selfSignedCert:SelfSignedCert": { certPem: `certificate-of-${args.name};` },
    "tls:index/certRequest:CertRequest": { certRequestPem: `request-of-${args.name};` },
    "tls:index/locallySignedCert:LocallySignedCert": { certPem: `certificate-of-${args.name};` },
    "kubernetes:storage.k8s.io/v1:StorageClass": { reclaimPolicy: options.reclaimPolicy ?? "Retain" },
  };
  const outputs: Record<string, unknown> = {
    ...(args.inputs as Record<string, unknown>),
    ...made[args.type],
    ...(request === undefined ? options.found?.[args.name] : {}),
  };
  for (const key of request?.getAdditionalsecretoutputsList() ?? []) {
    if (outputs[key] !== undefined) outputs[key] = pulumi.secret(reveal(outputs[key]));
  }
  return outputs;
}

/** URNs of what was registered so far, the present one first, by type and name. */
const urns = new Map<string, readonly string[]>();

/** A URN has the types of all parents in it. An alias is taken by its name and type; a former parent is not looked at. */
function urnsOf(
  { type, name }: pulumi.runtime.MockResourceArgs,
  request: Request | undefined,
  options: RecordOptions,
): Pick<Recorded, "urn" | "formerUrns"> {
  const parent = request?.getParent() ?? "";
  const parentType = parent.split("::")[2]?.split("$").at(-1) ?? "";
  const parents = urns.get(`${parentType}::${nameIn(parent)}`) ?? [`${projectOf(options)}::`];
  const aliases = (request?.getAliasesList() ?? []).map((alias) => [
    alias.getSpec()?.getType() || type,
    alias.getSpec()?.getName() || name,
  ]);
  const [urn, ...formerUrns] = [[type, name], ...aliases].flatMap(([t, n]) =>
    parents.map((above) => {
      const [, types] = above.split("::");
      return `${projectOf(options)}::${types === "" ? "" : `${types}$`}${t}::${n}`;
    }),
  );
  urns.set(`${type}::${name}`, [urn, ...formerUrns]);
  return { urn, formerUrns };
}

function projectOf({ project = "nacos-platform" }: RecordOptions): string {
  return project;
}

function nameIn(urn: string): string {
  return urn.split("::").at(-1) ?? "";
}

function typeAndName(urn: string): string {
  const [, , types = "", name = ""] = urn.split("::");
  return `${types.split("$").at(-1)}::${name}`;
}

function isSecret(value: unknown): value is { value: unknown } {
  return (
    typeof value === "object" &&
    value !== null &&
    (value as Record<string, unknown>)[SIGNATURE_KEY] === SECRET_SIGNATURE
  );
}

function containsSecret(value: unknown): boolean {
  return isSecret(value) || (typeof value === "object" && value !== null && Object.values(value).some(containsSecret));
}

function reveal(value: unknown): unknown {
  if (isSecret(value)) return reveal(value.value);
  if (Array.isArray(value)) return value.map(reveal);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, reveal(child)]));
  }
  return value;
}
