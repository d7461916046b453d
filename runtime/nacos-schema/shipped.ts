import { Refusal } from "../../contract/refusal";

/**
 * The file goes to the server as it is: a statement that leaves the scratch database would reach the real one.
 *
 * @param file its path, for the message
 * @throws Refusal if it has such a statement
 */
export function requireOneDatabase(sql: string, file: string, version: string): void {
  if (/^\s*(use\s|(create|drop)\s+(database|schema)\s)/im.test(sql))
    throw new Refusal(
      "SCHEMA_FILE_SWITCHES_DATABASE",
      `${file} of Nacos ${version} switches databases, which is not expected`,
    );
}

/**
 * The file without its character sets: everything gets that of the scratch database. The shipped ones differ by version, do
 * not accept emoji (utf8), or treat two data IDs that differ only by case as the same (utf8mb4_unicode_ci).
 */
export function withoutCharacterSets(sql: string): string {
  return sql.replace(/\b((DEFAULT +)?(CHARACTER +SET|CHARSET)|COLLATE)( *= *| +)[A-Za-z0-9_]+/gi, "");
}
