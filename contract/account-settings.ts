/** What an account may do in one database, or with "*" in all. */
export interface Privileges {
  readonly database: string;
  /** As MySQL lists them: "SELECT", "SHOW VIEW". */
  readonly privileges: readonly string[];
}

/** An account that its pods use from anywhere, over TLS only. */
export interface AccountSettings {
  readonly user: string;
  readonly privileges: readonly Privileges[];
  /** Whether its pods run on with a previous password, which then stays valid until it is discarded. */
  readonly keepsPrevious?: boolean;
}

/** What the Job `mysql-accounts` makes: `settings.json` in the ConfigMap of that name. */
export interface AccountsSettings {
  readonly namespace: string;
  /** The stack, with its project. The accounts are marked with it. */
  readonly owner: string;
  readonly server: { readonly host: string; readonly port: number };
  /** Nacos' database. */
  readonly database: string;
  readonly accounts: readonly AccountSettings[];
  /** Connections that the platform may open at a time; absent if the servers are the stack's own, which are made for them. On others, accounts that another has made are refused. */
  readonly connections?: number;
}
