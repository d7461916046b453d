import { Refusal } from "../contract/refusal";

/** The port that `--port` names. @throws Refusal if it is none. */
export function portOf(text: string): number {
  const port = Number(text);
  if (!/^[0-9]+$/.test(text) || port < 1 || port > 65_535)
    throw new Refusal("USAGE_VALUE_INVALID", `--port "${text}" is not a port; it has to be a number from 1 to 65535.`);
  return port;
}
