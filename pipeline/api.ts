/** Access to the API of GitHub or GitLab. */
export interface Api {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A variable that the workflow has to set. @throws Error that names it. */
export function variable(env: NodeJS.ProcessEnv, name: string): string {
  const value = env[name];
  if (value === undefined || value === "") throw new Error(`${name} is not set; the workflow has to set it`);
  return value;
}

/** The API of the repository that a workflow of GitHub runs for. */
export function github(env: NodeJS.ProcessEnv): Api {
  return {
    url: `${variable(env, "GITHUB_API_URL")}/repos/${variable(env, "GITHUB_REPOSITORY")}`,
    headers: { authorization: `Bearer ${variable(env, "GITHUB_TOKEN")}`, accept: "application/vnd.github+json" },
  };
}

/** Sends a request. @returns the answer; undefined if there is no such object. @throws Error with the status and the API's message. */
export async function send<T>(
  { url, headers }: Api,
  method: string,
  path: string,
  body?: object,
): Promise<T | undefined> {
  const answer = await fetch(`${url}${path}`, {
    method,
    headers: { ...headers, "content-type": "application/json" },
    body: body && JSON.stringify(body),
  });
  if (answer.status === 404 && method === "GET") return undefined;
  if (!answer.ok)
    throw new Error(`${method} ${path} was answered with ${answer.status}: ${(await answer.text()).slice(0, 500)}`);
  return (await answer.json()) as T;
}
