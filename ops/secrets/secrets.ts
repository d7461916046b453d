import { ACCOUNTS } from "../../contract/accounts";
import { OBJECTS } from "../../contract/objects";
import { Refusal } from "../../contract/refusal";
import type { StackCluster } from "../cluster";
import { discardPreviousPassword } from "../mysql/accounts-job";
import { jobContextOf } from "../mysql/backup-job";
import { checkToken, membersSeen, signIn, type Login } from "./nacos-access";
import type { NacosServers } from "./nacos-servers";
import type { Rotation } from "./rotation";

/** A secret that can be rotated. */
export interface RotatedSecret {
  /** Logical name of the resource that creates it, in the program. */
  readonly resource: string;
  /** Secret that holds it, and the key there. */
  readonly object: string;
  readonly key: string;
  /** Why all servers have to restart at once, if they do: what the operator has to agree to. */
  readonly window?: string;
  readonly texts: Rotation["texts"];
  /** What is done before and after the update, in addition to waiting for the servers. */
  readonly prepare?: (world: World) => Promise<void>;
  /** @throws Error that says which server does not work with the new one. */
  readonly check: (world: World) => Promise<void>;
  readonly finish?: (world: World) => Promise<void>;
}

export interface World {
  readonly cluster: StackCluster;
  readonly servers: NacosServers;
  /** What a Secret of the namespace holds. */
  readonly secret: (name: string) => Promise<Readonly<Record<string, string>>>;
}

const AT_ONCE =
  "all of Nacos' servers restart at once, because all need the same value: for about a minute nobody can publish, register or log in, and clients keep working with what they have.";

/** By the names that operators give. */
export const ROTATED: Readonly<Record<string, RotatedSecret>> = {
  "mysql-runtime": {
    resource: "accounts-runtime-password",
    // Not Nacos' own Secret, which is written only when MySQL has the new one: after an interruption in between, another new
    // one would end the validity of the one that Nacos has.
    object: OBJECTS.platformAccounts,
    key: ACCOUNTS.runtime,
    texts: {
      meanwhile: "Old and new are valid until then",
      done: "Nacos has a new password for MySQL, and the old one is no longer valid.",
    },
    // What the update's Job has seen to work, and every server has started with.
    check: () => Promise.resolve(),
    finish: ({ cluster }) => discardPreviousPassword(jobContextOf(cluster.stack), ACCOUNTS.runtime),
  },
  "nacos-admin": {
    resource: "schema-admin-password",
    object: OBJECTS.nacosAdmin,
    key: "password",
    texts: {
      meanwhile: "Until the schema step has run, Nacos keeps its current password",
      done: "Nacos' administrator has a new password, which is in Secret nacos-admin. A login with the old one stays valid until its token expires.",
    },
    check: async (world) => void (await loginAtEach(world)),
  },
  "nacos-token": {
    resource: "nacos-auth-token",
    object: OBJECTS.nacosAuth,
    key: "token",
    window: `${AT_ONCE} Then every client has to log in again. If its SDK does not do so after a refusal (Java before 2.5, Go before September 2026), it is refused until its token expires, up to 5 hours.`,
    texts: {
      meanwhile: "Servers that have restarted have the new token key",
      done: "Every server signs with the new token key, and no token of the old one is valid.",
    },
    prepare: async (world) => void (await loginAtEach(world)), // as the check does afterwards
    check: async (world) => {
      const logins = await loginAtEach(world);
      await world.servers.each((url, name) => Promise.all(logins.map((login) => naming(name, checkToken(url, login)))));
    },
  },
  "nacos-identity": {
    resource: "nacos-auth-identity",
    object: OBJECTS.nacosAuth,
    key: "identityValue",
    window: AT_ONCE,
    texts: {
      meanwhile: "Servers that have restarted have the new identity",
      done: "Every server has the new identity, and sees all others.",
    },
    prepare: async (world) => void (await loginAtEach(world)),
    check: async (world) => {
      const logins = await loginAtEach(world);
      const { identityKey, identityValue } = await world.secret(OBJECTS.nacosAuth);
      await world.servers.each((url, name) =>
        naming(
          name,
          membersSeen(url, logins[0].isV3, { [identityKey]: identityValue }).then((members) => {
            const away = members.filter(({ state }) => state !== "UP").map(({ address }) => address);
            if (members.length !== logins.length || away.length > 0)
              throw new Refusal(
                "SECRETS_MEMBERS_MISSING",
                `it sees ${members.length} members of ${logins.length}${away.length > 0 ? `; not up: ${away.join(", ")}` : ""}`,
              );
          }),
        ),
      );
    },
  },
};

/** Logs in at every server, with the administrator's password from the Secret. */
async function loginAtEach({ servers, secret }: World): Promise<Login[]> {
  const { username, password } = await secret(OBJECTS.nacosAdmin);
  return servers.each((url, name) => naming(name, signIn(url, username, password)));
}

async function naming<T>(server: string, work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    throw Object.assign(error as Error, { message: `${server}: ${(error as Error).message}` }); // so that it keeps its code
  });
}
