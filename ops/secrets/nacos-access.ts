/** A login at one server, by the paths of its version: since 3.0 there are others. */
export interface Login {
  readonly token: string;
  /** Whether the server has the paths of 3.0 and later. */
  readonly isV3: boolean;
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

interface Member {
  readonly address: string;
  readonly state: string;
}

const ANSWER_MS = 10_000;
const LOGIN = { v1: "/nacos/v1/auth/login", v3: "/nacos/v3/auth/user/login" };
/** An administrator may ask for it, or a server; nobody else, in any version. */
const ROLES = { v1: "/nacos/v1/auth/roles?pageNo=1&pageSize=1", v3: "/nacos/v3/auth/role/list?pageNo=1&pageSize=1" };
const MEMBERS = { v1: "/nacos/v1/core/cluster/nodes", v3: "/nacos/v3/admin/core/cluster/node/list" };

/** Signs in. @throws Error that says what the server answered, never what it was sent. */
export async function signIn(url: string, username: string, password: string): Promise<Login> {
  const send = (path: string) => ask(url + path, { method: "POST", body: new URLSearchParams({ username, password }) });
  const newest = await send(LOGIN.v3);
  const isV3 = newest.status !== 404;
  const { status, text } = isV3 ? newest : await send(LOGIN.v1);
  if (status !== 200) throw new Error(`it answers the login with ${status}`);
  const body = parse(text) as { accessToken?: string; data?: { accessToken?: string } };
  const { accessToken } = body.data ?? body;
  if (accessToken === undefined) throw new Error("it answers the login without a token");
  return { token: accessToken, isV3 };
}

/** @throws Error if the server does not take the token, which another may have made. */
export async function checkToken(url: string, { token, isV3 }: Login): Promise<void> {
  const { status, text } = await ask(url + (isV3 ? ROLES.v3 : ROLES.v1), { headers: { accessToken: token } });
  if (status !== 200 || text === "") throw new Error(`it answers a token with ${status}`);
}

/** The members that a server sees. @throws Error if it does not take the identity. */
export async function membersSeen(url: string, isV3: boolean, identity: Readonly<Record<string, string>>): Promise<readonly Member[]> {
  const { status, text } = await ask(url + (isV3 ? ROLES.v3 : ROLES.v1), { headers: identity });
  if (status !== 200 || text === "") throw new Error(`it answers the servers' identity with ${status}`);
  const members = await ask(url + (isV3 ? MEMBERS.v3 : MEMBERS.v1), { headers: identity });
  if (members.status !== 200) throw new Error(`it answers with ${members.status} where the other members are`);
  return (parse(members.text) as { data?: readonly Member[] }).data ?? [];
}

async function ask(url: string, request: RequestInit): Promise<Answer> {
  const answer = await fetch(url, { ...request, signal: AbortSignal.timeout(ANSWER_MS) }).catch((error: unknown) => {
    throw new Error(`it does not answer (${((error as Error).cause as Error | undefined)?.message ?? (error as Error).message})`);
  });
  return { status: answer.status, text: await answer.text() };
}

function parse(text: string): object {
  try {
    return JSON.parse(text) as object;
  } catch {
    throw new Error("its answer is no JSON");
  }
}
