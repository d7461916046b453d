import { canonical } from "./owned";

/**
 * Properties that the stack sets and that `nacos.properties` may change.
 *
 * Nacos takes configurations of 10 MiB, Tomcat forms of 2 MB. In a form a byte of UTF-8 may become three ("%E4"), and
 * with Chinese text every one does: 30 MiB, and the other fields. What is refused all the same is read to its end up to
 * that size, so that the client sees the answer and not a closed connection.
 */
const DEFAULTS: Readonly<Record<string, string>> = {
  "server.tomcat.max-http-form-post-size": "32MB",
  "server.tomcat.max-swallow-size": "32MB",
  // Clients wait three seconds for an answer, and so does the pool for a connection: without MySQL they would never hear why.
  "db.pool.config.connectionTimeout": "2000",
};

/**
 * What the start script appends to the image's application.properties. That file and no other is read by every series
 * from 2.2 to 3.2, by Spring and by Nacos itself, and takes any value; the last of two lines counts.
 */
export function propertiesFile(further: Readonly<Record<string, string>>): string {
  const replaced = new Set(Object.keys(further).map(canonical));
  const defaults = Object.entries(DEFAULTS).filter(([name]) => !replaced.has(canonical(name)));
  return [...defaults, ...Object.entries(further)].map(([name, value]) => `${name}=${escaped(value)}\n`).join("");
}

/** As java.util.Properties reads it, in whatever character set. */
function escaped(value: string): string {
  return value
    .replace(/\\/g, "\\\\")
    .replace(/^\s/, (space) => `\\${space}`)
    .replace(/\n/g, "\\n").replace(/\r/g, "\\r").replace(/\t/g, "\\t")
    .replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
