/** Privileges of an account in one database, or in all databases with "*". */
export interface Privileges {
  readonly database: string;
  /** In MySQL's words: "SELECT", "SHOW VIEW". */
  readonly privileges: readonly string[];
}

/** An account that may log in from any host, over TLS only. */
export interface AccountSettings {
  readonly user: string;
  readonly privileges: readonly Privileges[];
  /** Whether its pods continue to use a previous password, which then stays valid until it is discarded. */
  readonly keepsPrevious?: boolean;
}

/** What the Job `mysql-accounts` creates: `settings.json` in the ConfigMap of that name. */
export interface AccountsSettings {
  readonly namespace: string;
  /** The stack, with its project. The accounts are marked with it. */
  readonly owner: string;
  readonly server: { readonly host: string; readonly port: number };
  /** Nacos' database. */
  readonly database: string;
  readonly accounts: readonly AccountSettings[];
  /** Connections that the platform may open at a time; absent if the stack runs the servers and configures them for this. On external servers, accounts that somebody else has created are refused. */
  readonly connections?: number;
}
