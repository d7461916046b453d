import { parseImage } from "../../lib/image";
import { at, quote } from "../../lib/read";
import { onContainers } from "../../lib/rule";

export const restrictImageRegistries = onContainers(
  {
    name: "restrict-image-registries",
    severity: "high",
    description: "Images come from registries that are trusted. The rule is off until `allowed` names some.",
    remediationSteps: "Copy the image to an allowed registry, and name it there.",
    url: "https://kubernetes.io/docs/concepts/containers/images/",
    tags: ["cis:5.5.1", "supply-chain"],
    settings: {
      allowed: {
        type: "array",
        items: { type: "string", pattern: "^[^/]*[.:][^/]*(/.*)?$|^localhost(/.*)?$" },
        description: 'Registries, with a part of the path or without: "registry.example.com/nacos", "docker.io".',
        default: [],
      },
    },
  },
  function* ({ spec }, _, { settings }) {
    const { allowed = [] } = settings as { allowed?: readonly string[] };
    const image = at(spec, "image");
    if (typeof image !== "string" || allowed.length === 0) return;
    const repository = fullName(parseImage(image).repository);
    const isIn = (prefix: string) => repository.startsWith(`${prefix.replace(/\/$/, "")}/`);
    if (!allowed.some(isIn))
      yield `image ${quote(image)} is from no allowed registry. Use one of ${allowed.join(", ")}.`;
  },
);

/** The repository as a node pulls it: the first part is a registry only if it has a dot or a port, or is "localhost". */
function fullName(repository: string): string {
  const [first, ...path] = repository.split("/");
  if (path.length > 0 && (/[.:]/.test(first) || first === "localhost")) return repository;
  return path.length > 0 ? `docker.io/${repository}` : `docker.io/library/${repository}`;
}
