import * as http from "node:http";
import { Refusal } from "../../contract/refusal";

/** A login at one server, with the paths of its version: 3.0 introduced others. */
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
/** Only an administrator or a server may request it, in every version. */
const ROLES = {
  v1: "/nacos/v1/auth/roles?search=accurate&pageNo=1&pageSize=1",
  v3: "/nacos/v3/auth/role/list?pageNo=1&pageSize=1",
};
const MEMBERS = { v1: "/nacos/v1/core/cluster/nodes", v3: "/nacos/v3/admin/core/cluster/node/list" };

/** Logs in. @throws Refusal with the server's answer, never with what was sent to it. */
export async function signIn(url: string, username: string, password: string): Promise<Login> {
  const send = (path: string) => ask(url + path, { form: { username, password } });
  const newest = await send(LOGIN.v3);
  const isV3 = newest.status !== 404;
  const { status, text } = isV3 ? newest : await send(LOGIN.v1);
  if (status !== 200) throw new Refusal("SECRETS_LOGIN_REFUSED", `it answers the login with ${status}`);
  const body = parse(text) as { accessToken?: string; data?: { accessToken?: string } };
  const { accessToken } = body.data ?? body;
  if (accessToken === undefined) throw new Refusal("SECRETS_LOGIN_REFUSED", "it answers the login without a token");
  return { token: accessToken, isV3 };
}

/** @throws Refusal if the server does not accept the token, which another server may have issued. */
export async function checkToken(url: string, { token, isV3 }: Login): Promise<void> {
  const { status, text } = await ask(url + (isV3 ? ROLES.v3 : ROLES.v1), { headers: { accessToken: token } });
  if (status !== 200 || text === "") throw new Refusal("SECRETS_TOKEN_REFUSED", `it answers a token with ${status}`);
}

/** The members that a server sees. @throws Refusal if it does not accept the identity. */
export async function membersSeen(
  url: string,
  isV3: boolean,
  identity: Readonly<Record<string, string>>,
): Promise<readonly Member[]> {
  const { status, text } = await ask(url + (isV3 ? ROLES.v3 : ROLES.v1), { headers: identity });
  if (status !== 200 || text === "")
    throw new Refusal("SECRETS_IDENTITY_REFUSED", `it answers the servers' identity with ${status}`);
  const members = await ask(url + (isV3 ? MEMBERS.v3 : MEMBERS.v1), { headers: identity });
  if (members.status !== 200)
    throw new Refusal("SECRETS_IDENTITY_REFUSED", `it answers the request for its members with ${members.status}`);
  return (parse(members.text) as { data?: readonly Member[] }).data ?? [];
}

function ask(
  url: string,
  { form, headers }: { form?: Readonly<Record<string, string>>; headers?: Readonly<Record<string, string>> },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const type = form === undefined ? {} : { "content-type": "application/x-www-form-urlencoded" };
    const request = http.request(
      url,
      {
        method: form === undefined ? "GET" : "POST",
        headers: { ...headers, ...type },
        agent: false,
        timeout: ANSWER_MS,
      },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("error", reject);
        answer.on("end", () => resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
      },
    );
    request.on("timeout", () => request.destroy(new Error(`no answer within ${ANSWER_MS / 1000} s`)));
    request.on("error", (error) => {
      // 2.2 refuses a login with a status of 0, which is not valid HTTP.
      if ((error as NodeJS.ErrnoException).code?.startsWith("HPE_") === true) resolve({ status: 0, text: "" });
      else reject(new Error(`it does not answer: ${error.message}`));
    });
    request.end(form === undefined ? undefined : new URLSearchParams(form).toString());
  });
}

function parse(text: string): object {
  try {
    return JSON.parse(text) as object;
  } catch {
    throw new Error("its answer is not JSON");
  }
}
