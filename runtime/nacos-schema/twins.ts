import { DATABASE } from "../../contract/accounts";
import { Refusal } from "../../contract/refusal";
import type { Query, Table } from "./tables";

/** Who has written a row that 3.x has copied between '' and `public`. */
export const COPIED = "nacos_namespace_migrate";
const NAMED = 3;

/**
 * 2.x keeps the configurations of the public namespace with an empty namespace ID, 3.x with `public`. A server of 3.x copies
 * what one side lacks, and does not start if somebody has published different contents on both sides.
 *
 * @param here the database's tables
 * @throws Refusal if a server of 3.x would not start
 */
export async function requireNoTwins(query: Query, here: readonly Table[]): Promise<void> {
  if (!here.some(({ name }) => name === "config_info")) return;
  const byHand = (row: string): string => `(${row}.src_user <> '${COPIED}' OR ${row}.src_user IS NULL)`;
  const rows = (await query(
    `SELECT three.data_id AS dataId, three.group_id AS \`group\`
       FROM ${DATABASE}.config_info three JOIN ${DATABASE}.config_info two USING (data_id, group_id)
      WHERE three.tenant_id = 'public' AND two.tenant_id = '' AND three.md5 <> two.md5
        AND ${byHand("three")} AND ${byHand("two")}
      ORDER BY data_id, group_id`,
  )) as unknown as { readonly dataId: string; readonly group: string }[];
  if (rows.length === 0) return;
  const named = rows.slice(0, NAMED).map(({ dataId, group }) => `${dataId} of ${group}`);
  const rest = rows.length - named.length;
  throw new Refusal(
    "SCHEMA_TWINS_DIFFER",
    `no server of Nacos 3.x starts: ${named.join(", ")}${rest > 0 ? ` and ${rest} more` : ""} ` +
      `${rows.length === 1 ? "differs" : "differ"} between the public namespace and a namespace with ID public. Delete one of each two`,
  );
}

/**
 * In 2.x somebody may have created a namespace with ID `public`. In 3.x its configurations would become those of the public
 * namespace.
 *
 * @throws Refusal if there is one
 */
export async function requireNoNamespacePublic(query: Query, here: readonly Table[]): Promise<void> {
  if (!here.some(({ name }) => name === "tenant_info")) return;
  const rows = await query(`SELECT tenant_id FROM ${DATABASE}.tenant_info WHERE tenant_id = 'public'`);
  if (rows.length > 0)
    throw new Refusal(
      "SCHEMA_NAMESPACE_PUBLIC",
      "there is a namespace with ID public, which is the ID of the public namespace in Nacos 3.x. " +
        "Publish its configurations in another namespace, and delete them and the namespace",
    );
}
