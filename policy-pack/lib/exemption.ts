import { NOT_YET_KNOWN } from "./read";
import { type Resource } from "./resource";
import type { JsonSchema } from "./schema";

/** An object, or a part of one, that a rule does not stop until a day. */
export interface Exemption {
  readonly object: string;
  readonly reason: string;
  readonly owner: string;
  /** Last day, as "2027-01-31". */
  readonly until: string;
}

export const exemptionsSchema: JsonSchema = {
  type: "array",
  description: "Objects that the rule does not stop until a day.",
  items: {
    type: "object",
    required: ["object", "reason", "owner", "until"],
    additionalProperties: false,
    properties: {
      object: {
        type: "string",
        description:
          '"namespace/name", "/name" if its kind has no namespace, or "pulumi:name" with the name in Pulumi. "/part" behind it means one container, volume, claim, key or the like.',
        pattern: "^(pulumi:[^/]+|[^/:]*/[^/]+)(/.+)?$",
      },
      reason: { type: "string", description: "Why, in at least 15 characters.", minLength: 15 },
      owner: { type: "string", description: "Who is asked when it ends.", minLength: 2 },
      until: { type: "string", description: "Last day.", pattern: "^20\\d\\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])$" },
    },
  },
  default: [],
};

/** Whether an exemption covers a part of a resource, or the resource if it has no part. */
export function covers(exemption: Exemption, resource: Resource, part?: string): boolean {
  const { namespace, name, onlyPart } = parsed(exemption);
  // A name that is unknown at preview may later be the exempt one, so it is no violation yet.
  const same = (wanted: string, found: string | undefined) => found === NOT_YET_KNOWN || found === wanted;
  if (onlyPart !== undefined && !same(onlyPart, part)) return false;
  if (namespace === undefined) return name === resource.name;
  return same(namespace, resource.namespace) && same(name, resource.objectName);
}

function parsed({ object }: Exemption): { namespace?: string; name: string; onlyPart?: string } {
  if (object.startsWith("pulumi:")) {
    const [name, onlyPart] = split(object.slice("pulumi:".length), 1);
    return { name, onlyPart };
  }
  const [namespace, name, onlyPart] = split(object, 2);
  return { namespace, name, onlyPart };
}

// A part may have slashes of its own: the key of a label has.
function split(text: string, words: number): string[] {
  const all = text.split("/");
  const rest = all.slice(words);
  return [...all.slice(0, words), ...(rest.length === 0 ? [] : [rest.join("/")])];
}
