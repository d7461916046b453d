import { canonical } from "./owned";

/**
 * Properties that the stack sets and `nacos.properties` may change.
 *
 * Nacos accepts configurations of 10 MiB, but Tomcat only forms of 2 MB. In a form, one byte of UTF-8 may become three
 * ("%E4"); with Chinese text every byte does. So a form may have 30 MiB and the other fields. Tomcat reads a form that it
 * refuses up to the same size, so that the client gets the answer and not a closed connection.
 */
const DEFAULTS: Readonly<Record<string, string>> = {
  "server.tomcat.max-http-form-post-size": "32MB",
  "server.tomcat.max-swallow-size": "32MB",
  // Clients wait 3 s for an answer, and by default the pool waits 3 s for a connection. Without MySQL, clients would never get the reason.
  "db.pool.config.connectionTimeout": "2000",
};

/**
 * What the start script appends to the image's application.properties. Spring and Nacos itself read this file in every
 * series from 2.2 to 3.2, and it can hold any value. If a property is set twice, the last line counts.
 */
export function propertiesFile(further: Readonly<Record<string, string>>): string {
  const replaced = new Set(Object.keys(further).map(canonical));
  const defaults = Object.entries(DEFAULTS).filter(([name]) => !replaced.has(canonical(name)));
  return [...defaults, ...Object.entries(further)].map(([name, value]) => `${name}=${escaped(value)}\n`).join("");
}

/** Escaped for java.util.Properties, independent of the character set. */
function escaped(value: string): string {
  return value
    .replace(/\\/g, "\\\\")
    .replace(/^\s/, (space) => `\\${space}`)
    .replace(/\n/g, "\\n")
    .replace(/\r/g, "\\r")
    .replace(/\t/g, "\\t")
    .replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
