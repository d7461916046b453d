import * as fs from "node:fs";
import { parse, stringify } from "yaml";
import type { Settings } from "./overlay";
import { PLATFORM } from "./project";

/** The text of a Pulumi stack file: how its secrets are encrypted, and its configuration. */
export function stackFile(config: Settings, encryption: Settings): string {
  return stringify({ ...encryption, config });
}

/** What a stack file says: its configuration, and how its secrets are encrypted. */
export function readStackFile(file: string): { config: Settings; encryption: Settings } {
  const { config = {}, ...encryption } = fs.existsSync(file)
    ? (parse(fs.readFileSync(file, "utf8")) as { config?: Settings })
    : {};
  return { config, encryption };
}

/** The value that a configuration has at a key with its path, "project:key.deeper". */
export function valueAt(config: Settings, key: string): unknown {
  return key.split(".").reduce<unknown>((value, step) => (value as Settings | undefined)?.[step], config);
}

const CHANGING = ["set", "set-all", "rm", "rm-all", "remove", "remove-all", "delete", "delete-all"];
const READING = ["get", "copy", "cp", "env", "refresh"];

/**
 * The stack file that a `pulumi` command changes, or undefined if it changes none. The checkout's file holds the
 * stack's settings; secrets, which only one target can decrypt, and the salt that comes with them stay in a file of the target.
 *
 * @param words what follows `pulumi`
 */
export function changedFile(
  words: readonly string[],
  files: { readonly checkout: string; readonly secrets: string },
  project = PLATFORM,
): string | undefined {
  if (!words.includes("config")) return undefined;
  const rest = words.slice(words.indexOf("config") + 1);
  const command = rest.find((word) => CHANGING.includes(word) || READING.includes(word));
  if (command === undefined || !CHANGING.includes(command)) return undefined;
  if (command.startsWith("set"))
    return rest.some((word) => /^--secret(=|$)/.test(word)) ? files.secrets : files.checkout;
  const { config } = readStackFile(files.secrets);
  return rest.some((word) => isSecret(valueAt(config, word.includes(":") ? word : `${project.name}:${word}`)))
    ? files.secrets
    : files.checkout;
}

/** Whether a value is encrypted. */
export function isSecret(value: unknown): boolean {
  return typeof value === "object" && value !== null && "secure" in value;
}
