import { createHash } from "node:crypto";
import type { Namespace } from "../nacos-namespace";
import { COPIED } from "../nacos-schema/twins";

/** ID of the default namespace. In the database its configurations have this ID in 3.x, and an empty one in 2.x. */
export const PUBLIC = "public";

/** The configurations of a namespace, of one of its groups, or a single one. */
export interface Selection {
  readonly namespace: string;
  readonly group?: string;
  readonly dataId?: string;
}

/** The IDs that a namespace has in the database. */
export function tenantsOf(namespace: string): string[] {
  return namespace === PUBLIC ? ["", PUBLIC] : [namespace];
}

/** What a publish says in addition to the content. Empty if nothing was said. */
export interface Details {
  readonly type: string;
  readonly appName: string;
  readonly description: string;
  readonly use: string;
  readonly effect: string;
  readonly schema: string;
  /** Separated by commas, in order. */
  readonly tags: string;
  /** The key that decrypts the content, itself encrypted; empty if the content is not encrypted. */
  readonly encryptedDataKey: string;
}

/** A configuration in the database, without its content. */
export interface Configuration extends Details {
  readonly group: string;
  readonly dataId: string;
  /** ID of the namespace in the database. */
  readonly tenant: string;
  readonly md5: string;
  readonly modified: string;
  /** Whether 3.x has copied it from the other ID of the default namespace. A copy lacks some details. */
  readonly isCopy: boolean;
}

/** A row as the database has it, with the name of its table. Columns that the table lacks are missing. */
export interface Row {
  readonly table: string;
  readonly [column: string]: string | number | null;
}

/** What the rows of Nacos' tables say about a selection. */
export interface Found {
  readonly configurations: readonly Configuration[];
  /** undefined for the default namespace, and for one that does not exist. Configurations do not need that it exists. */
  readonly namespace?: Namespace;
}

/**
 * Collects rows. Those with tags and namespaces come before those of configurations.
 *
 * @param selection which is compared exactly; the database may ignore spaces at the end, or case
 */
export class Collector {
  private readonly tags = new Map<string, string[]>();
  private readonly configurations: Configuration[] = [];
  private namespace?: Namespace;

  constructor(private readonly selection: Selection) {}

  add(row: Row): void {
    if (!this.isSelected(row)) return;
    const key = keyOf(text(row, "tenant_id"), text(row, "group_id"), text(row, "data_id"));
    if (row.table === "tenant_info")
      this.namespace = {
        id: text(row, "tenant_id"),
        name: text(row, "tenant_name"),
        description: text(row, "tenant_desc"),
      };
    if (row.table === "config_tags_relation")
      this.tags.set(key, [...(this.tags.get(key) ?? []), text(row, "tag_name")].sort());
    if (row.table === "config_info") this.configurations.push(configurationOf(row, this.tags.get(key) ?? []));
  }

  get found(): Found {
    return { configurations: this.configurations, namespace: this.namespace };
  }

  private isSelected(row: Row): boolean {
    const { namespace, group, dataId } = this.selection;
    return (
      tenantsOf(namespace).includes(text(row, "tenant_id")) &&
      (row.table === "tenant_info" ||
        ((group === undefined || text(row, "group_id") === group) &&
          (dataId === undefined || text(row, "data_id") === dataId)))
    );
  }
}

function configurationOf(row: Row, tags: readonly string[]): Configuration {
  return {
    group: text(row, "group_id"),
    dataId: text(row, "data_id"),
    tenant: text(row, "tenant_id"),
    md5: text(row, "md5"),
    modified: text(row, "gmt_modified").replace(/\.0+$/, ""),
    isCopy: row.src_user === COPIED,
    type: text(row, "type") || "text",
    appName: text(row, "app_name"),
    description: text(row, "c_desc"),
    use: text(row, "c_use"),
    effect: text(row, "effect"),
    schema: text(row, "c_schema"),
    tags: tags.join(","),
    encryptedDataKey: text(row, "encrypted_data_key"),
  };
}

function text(row: Row, column: string): string {
  return String(row[column] ?? "");
}

function keyOf(...names: readonly string[]): string {
  return JSON.stringify(names);
}

/** As Nacos computes it. */
export function md5Of(content: string): string {
  return createHash("md5").update(content).digest("hex");
}

/** As messages name it. */
export function nameOf(namespace: string, { group, dataId }: Pick<Configuration, "group" | "dataId">): string {
  return `${namespace}/${group}/${dataId}`;
}
