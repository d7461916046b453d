import * as pulumi from "@pulumi/pulumi";
import { isLocal } from "../../clients/mysql/local";
import { UpdateRefusal } from "../../kube/update-refusal";
import { asAdministrator, type Administrator, type Query } from "./administrator";
import { roleOf } from "./tenant-database";

/** Names of databases that exist. */
interface Found {
  readonly databases: readonly string[];
  /** Those for which the stack has created no account yet: an update takes them over. */
  readonly adopted: readonly string[];
}

/** Finds which of the wanted databases exist. */
export async function findExisting(query: Query, wanted: readonly string[]): Promise<Found> {
  const databases = (
    await query("SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA WHERE SCHEMA_NAME IN (?)", [wanted])
  ).map(({ name }) => String(name));
  const roles = (await query("SELECT user AS name FROM mysql.user WHERE user IN (?)", [wanted.map(roleOf)])).map(
    ({ name }) => String(name),
  );
  return { databases, adopted: databases.filter((name) => !roles.includes(roleOf(name))) };
}

/**
 * The wanted databases that exist already. The provider cannot create these; Pulumi imports them, unless its state has them.
 * If MySQL is unreachable, the result is empty, with a warning: a preview needs no tunnel.
 *
 * @throws UpdateRefusal if MySQL answers and refuses the login.
 */
export async function existingDatabases(
  administrator: Administrator,
  wanted: readonly string[],
): Promise<ReadonlySet<string>> {
  if (wanted.length === 0) return new Set();
  try {
    const { databases, adopted } = await asAdministrator(administrator, (query) => findExisting(query, wanted));
    if (adopted.length > 0)
      await pulumi.log.info(`taken over, with their rows, because MySQL has them already: ${list(adopted)}`);
    return new Set(databases);
  } catch (error) {
    if (error instanceof UpdateRefusal) throw error;
    const { code } = error as { code?: string };
    await pulumi.log.warn(
      `MySQL at ${administrator.endpoint} is unreachable: ${code ?? String(error)}. It may already have ${list(wanted)}; an update takes over what exists. ${
        pulumi.runtime.isDryRun()
          ? "A preview does not need it."
          : `An update of databases or accounts needs it, and waits at most five minutes.${isLocal(administrator.endpoint) ? ` Is the tunnel open? npm run ops -- mysql tunnel --stack ${pulumi.getStack()} -- pulumi -C tenants up` : ""}`
      }`,
    );
    return new Set();
  }
}

function list(names: readonly string[]): string {
  return `${names.length === 1 ? "database" : "databases"} ${names.join(", ")}`;
}
