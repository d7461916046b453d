import * as fs from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { run } from "../../../sandbox/exec";
import { ensureBinaries } from "../../../sandbox/toolchain/build";
import { kubeconform, KUBERNETES_VERSION } from "../../../sandbox/toolchain/recipes";

type Schema = Record<string, unknown>;

const EXTERNAL_SECRETS_VERSION = "1.3.2";

/** Has kubeconform check manifests by the schemas of exactly the pinned versions. An unknown field is an error, and so is an unknown kind. */
export async function requireConforming(folder: string, scratch: string): Promise<string> {
  const { [kubeconform.name]: binary } = await ensureBinaries([kubeconform]);
  await writeSchemas(scratch);
  return run(binary, [
    "-strict",
    "-summary",
    "-schema-location",
    `${scratch}/{{ .ResourceKind }}{{ .KindSuffix }}.json`,
    folder,
  ]);
}

/** Kubernetes' own schemas are in its Go module, as OpenAPI; those of External Secrets in its, as a definition of its resource. */
async function writeSchemas(folder: string): Promise<void> {
  const kubernetes = await moduleFolder(`k8s.io/kubernetes@v${KUBERNETES_VERSION}`);
  const { definitions } = JSON.parse(
    fs.readFileSync(path.join(kubernetes, "api", "openapi-spec", "swagger.json"), "utf8"),
  ) as { definitions: Record<string, Schema> };
  const write = (name: string, schema: Schema) =>
    fs.writeFileSync(path.join(folder, `${name.toLowerCase()}.json`), JSON.stringify(schema));
  const numeric = ["io.k8s.apimachinery.pkg.util.intstr.IntOrString", "io.k8s.apimachinery.pkg.api.resource.Quantity"];
  for (const name of numeric) definitions[name] = { type: ["string", "number"] };
  write("definitions", { definitions: strict(definitions) });
  for (const [name, { "x-kubernetes-group-version-kind": kinds }] of Object.entries(definitions)) {
    for (const { group, version, kind } of (kinds ?? []) as Record<"group" | "version" | "kind", string>[]) {
      const of = group === "" ? [kind, version] : [kind, group.split(".")[0], version];
      write(of.join("-"), { $ref: `definitions.json#/definitions/${name}` });
    }
  }
  const secrets = await moduleFolder(`github.com/external-secrets/external-secrets@v${EXTERNAL_SECRETS_VERSION}`);
  const { spec } = parse(
    fs.readFileSync(path.join(secrets, "config", "crds", "bases", "external-secrets.io_externalsecrets.yaml"), "utf8"),
  ) as { spec: { versions: { name: string; schema: { openAPIV3Schema: Schema } }[] } };
  const v1 = spec.versions.find(({ name }) => name === "v1")?.schema.openAPIV3Schema as { properties: Schema };
  write(
    "externalsecret-external-secrets-v1",
    strict({ ...v1, properties: { ...v1.properties, metadata: {} } }) as Schema,
  );
}

/** The folder of a Go module, which is downloaded if it is missing, and verified by its checksum. */
async function moduleFolder(module: string): Promise<string> {
  return (JSON.parse(await run("go", ["mod", "download", "-json", module])) as { Dir: string }).Dir;
}

/** A schema that refuses properties that it does not name. */
function strict(schema: unknown): unknown {
  if (typeof schema !== "object" || schema === null) return schema;
  if (Array.isArray(schema)) return schema.map(strict);
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, strict(value)]));
  return "properties" in schema &&
    !("additionalProperties" in schema) &&
    !("x-kubernetes-preserve-unknown-fields" in schema)
    ? { ...inner, additionalProperties: false }
    : inner;
}
