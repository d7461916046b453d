import * as fs from "node:fs";
import { parse, stringify } from "yaml";

/** A stack's configuration by its keys, as `nacos-platform:mysql`. */
export type Settings = Record<string, Record<string, unknown>>;

/** Changes a stack file, or writes the changed one to another file. */
export function changeSettings(file: string, change: (config: Settings) => void, changed = file): void {
  const content = parse(fs.readFileSync(file, "utf8")) as { config: Settings };
  change(content.config);
  fs.writeFileSync(changed, stringify(content));
}
