/**
 * Nacos' database, and the accounts of Nacos and of the platform's Jobs: `accounts.js` makes them as they are declared,
 * and can be repeated; `accounts.js discard USER` ends the validity of an account's previous password.
 */
import * as fs from "node:fs";
import * as path from "node:path";
import { escapeId } from "mysql2";
import type { AccountsSettings } from "../../contract/account-settings";
import { parseCredentials } from "../../contract/credentials";
import { passwordRefused } from "../../contract/password-refused";
import { Refusal, withCode } from "../../contract/refusal";
import { discardPrevious, ensurePassword, ensurePrivileges, requireOwn, type Access } from "./accounts";
import { asAdministrator } from "./login";
import { shortcomings } from "./requirements";

/** The files in the pod. */
const FILES = {
  settings: "/settings/settings.json",
  administrator: "/administrator/admin.json",
  passwords: "/passwords",
  ca: "/ca/ca.crt",
} as const;

const PATIENCE_MS = 240_000;

/** Makes the database and the accounts. It may be repeated. @param passwordOf the password of each account, by its name */
export async function apply(
  access: Access,
  settings: AccountsSettings,
  passwordOf: (user: string) => string,
  say: (line: string) => void,
): Promise<void> {
  if (settings.connections !== undefined) {
    const faults = await shortcomings(access.query, settings.connections);
    if (faults.length > 0)
      throw new Refusal(
        "MYSQL_SERVER_UNSUITABLE",
        `MySQL at ${settings.server.host}:${settings.server.port} cannot be used:\n${faults.map((fault) => `- ${fault}`).join("\n")}`,
      );
    await requireOwn(
      access.query,
      settings.accounts.map(({ user }) => user),
      settings.owner,
    );
  }
  await access.query(
    `CREATE DATABASE IF NOT EXISTS ${escapeId(settings.database)} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`,
  );
  for (const account of settings.accounts) {
    const done = [
      await ensurePassword(access, account, passwordOf(account.user), settings.owner),
      ...(await ensurePrivileges(access.query, account)),
    ];
    for (const line of done) if (line !== undefined) say(line);
  }
  say(
    `database ${settings.database} and accounts ${settings.accounts.map(({ user }) => user).join(", ")} are as declared`,
  );
}

async function main([action, user]: readonly string[]): Promise<void> {
  const read = (file: string): string => fs.readFileSync(file, "utf8");
  const passwordOf = (account: string): string => read(path.join(FILES.passwords, account));
  const say = (line: string): void => console.log(`accounts: ${line}`);
  const settings = JSON.parse(read(FILES.settings)) as AccountsSettings;
  const refused = (server: string, administrator: string, options: ErrorOptions): Refusal =>
    settings.connections === undefined
      ? passwordRefused(server, administrator, settings.namespace, options)
      : new Refusal(
          "MYSQL_EXTERNAL_PASSWORD_REFUSED",
          `${server} refuses the password of ${administrator}: pulumi config set --secret --path nacos-platform:mysql.password`,
          options,
        );
  const server = {
    ...settings.server,
    ca: read(FILES.ca),
    administrator: parseCredentials(read(FILES.administrator)),
    refused,
  };
  await asAdministrator(server, PATIENCE_MS, async (access) => {
    if (action !== "discard") return apply(access, settings, passwordOf, say);
    await discardPrevious(access.query, user, passwordOf(user));
    say(`no previous password of account ${user} is valid any more`);
  });
}

if (require.main === module) {
  main(process.argv.slice(2)).catch((error: unknown) => {
    console.error(`accounts: ${error instanceof Refusal ? withCode(error) : (error as Error).message}`);
    process.exitCode = 1;
  });
}
