import { escape } from "mysql2";
import { clusterOf, type ConfigMapObject, type StackCluster } from "../cluster";
import { command } from "../command";
import { connect } from "../mysql/connect";
import { isTunnelled, openEndpoint } from "../mysql/endpoint";
import { tlsAt } from "../mysql/local";
import { FIELD_MANAGER, OBJECTS, PASSWORD_MARK } from "../mysql/settings";
import { Failure, Refusal } from "../refusal";
import { read, runVisibly } from "../process";

/** Logical name of the password in the program. */
const PASSWORD = "accounts-runtime-password";
/** How long MySQL may take to let Nacos' account in. */
const PATIENCE_MS = 20_000;
/** On the Secret while a rotation is under way: the mark of Nacos' pods before it. */
const UNDER_WAY = "nacos-platform/rotation-from";

interface SecretObject {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
  readonly data: Readonly<Record<string, string>>;
}

interface StatefulSet {
  readonly spec: { readonly template: { readonly metadata: { readonly annotations: Readonly<Record<string, string>> } } };
}

/** What the steps of a rotation need of the outside. */
export interface Rotation {
  /** Which password Nacos' pods have been given; tells nothing of it. */
  mark(): Promise<string>;
  /** The mark before a rotation that is under way, or undefined. */
  underWay(): Promise<string | undefined>;
  noteUnderWay(mark: string | null): Promise<void>;
  /** Runs a statement as Nacos' own account, with the password in its Secret. It is given that password. */
  asNacos(statement: (password: string) => string): Promise<void>;
  /** Runs the update that replaces the password, or that goes on with what an earlier one began. */
  update(replace: boolean): Promise<boolean>;
  say(line: string): void;
}

/**
 * Gives Nacos' account a new password. Old and new are valid while Nacos' pods start again one by one, and the old one is
 * thrown away when all have. Broken off anywhere, the same command goes on.
 */
export async function rotate(rotation: Rotation): Promise<void> {
  const underWay = await rotation.underWay();
  const before = underWay ?? (await rotation.mark());
  if (underWay === undefined) {
    await rotation.asNacos((password) => `ALTER USER USER() IDENTIFIED BY ${escape(password)} RETAIN CURRENT PASSWORD`).catch((error: unknown) => {
      throw new Refusal(`${(error as Error).message}. Nothing was changed.`);
    });
    await rotation.noteUnderWay(before);
    rotation.say("The password in use stays valid beside the new one.");
  } else {
    rotation.say("An earlier rotation was broken off: going on with it.");
  }
  const replace = (await rotation.mark()) === before;
  if (!(await rotation.update(replace))) throw new Failure("the update did not come to its end. Nacos goes on with the password that it has; run the same command again.");
  if ((await rotation.mark()) === before) throw new Failure("the update has changed nothing: no new password was made. Nacos goes on with the one that it has; run the same command again.");
  await rotation.asNacos(() => "ALTER USER USER() DISCARD OLD PASSWORD").catch((error: unknown) => {
    throw new Failure(`${(error as Error).message}. Nacos has the new password, and the old one is valid still; run the same command again.`);
  });
  await rotation.noteUnderWay(null);
  rotation.say("Nacos has a new password for MySQL, and the old one is of no use any more.");
}

function rotationOf({ api, namespace, mysql: { endpoint }, stack }: StackCluster, options: readonly string[]): Rotation {
  const secretPath = `/api/v1/namespaces/${namespace}/secrets/${OBJECTS.runtime}`;
  const secret = () => api.get<SecretObject>(secretPath);
  return {
    mark: async () => (await api.get<StatefulSet>(`/apis/apps/v1/namespaces/${namespace}/statefulsets/nacos`)).spec.template.metadata.annotations[PASSWORD_MARK],
    underWay: async () => (await secret()).metadata.annotations?.[UNDER_WAY],
    noteUnderWay: async (mark) => {
      await api.patch(`${secretPath}?fieldManager=${FIELD_MANAGER}`, { metadata: { annotations: { [UNDER_WAY]: mark } } });
    },
    asNacos: async (statement) => {
      const { data } = await secret();
      const [user, password] = ["username", "password"].map((key) => Buffer.from(data[key], "base64").toString());
      const [host, port] = endpoint.split(":");
      const authorities = await api.get<ConfigMapObject>(`/api/v1/namespaces/${namespace}/configmaps/${OBJECTS.ca}`);
      const connection = await connect({ host, port: Number(port), user, password, ssl: tlsAt(endpoint, authorities.data["ca.crt"]), connectTimeout: PATIENCE_MS }).catch((error: unknown) => {
        throw new Error(`MySQL does not let Nacos' account in at ${endpoint}: ${String(error)}`);
      });
      try {
        await connection.query(statement(password));
      } finally {
        connection.destroy();
      }
    },
    update: async (replace) => {
      const words = ["pulumi", "up", "--stack", stack, ...(replace ? ["--replace", await urnOf(stack)] : []), ...options];
      return (await runVisibly(words)) === 0;
    },
    say: (line) => console.log(line),
  };
}

async function urnOf(stack: string): Promise<string> {
  const { deployment } = JSON.parse(await read(["pulumi", "stack", "export", "--stack", stack])) as { deployment: { resources?: readonly { readonly urn: string }[] } };
  const found = deployment.resources?.find(({ urn }) => urn.endsWith(`::${PASSWORD}`));
  if (found === undefined) throw new Refusal(`stack ${stack} has no ${PASSWORD}: was it deployed?`);
  return found.urn;
}

export const rotateCommand = command({
  summary: "give Nacos a new password for MySQL, while it goes on",
  rest: { value: "OPTION…", help: "options of the `pulumi up` that it runs" },
  run: async ({ stack }, words) => {
    const cluster = clusterOf(stack);
    const tunnel = isTunnelled(cluster) ? await openEndpoint(cluster).catch((error: unknown) => {
      if ((error as { code?: string }).code === "EADDRINUSE") return undefined; // it is open already
      throw error;
    }) : undefined;
    try {
      await rotate(rotationOf(cluster, words));
    } finally {
      tunnel?.close();
    }
  },
});
