import { Failure, UNKNOWN } from "./properties";

const TLS_MODES = ["true", "false", "skip-verify"] as const;
const NATIVE = "native";
const CLEARTEXT = "cleartext";

/** How to reach the server. */
export interface ServerConfig {
  readonly address: { readonly socketPath: string } | { readonly host: string; readonly port: number };
  readonly username: string;
  readonly password: string;
  readonly tls: (typeof TLS_MODES)[number];
  /** URL of a SOCKS 5 proxy. */
  readonly proxy?: string;
  readonly cleartextPassword: boolean;
}

/** The provider's inputs: every one is a string, numbers as JSON. */
export type ConfigInputs = Readonly<Record<string, string>>;

/** The upstream's environment variables, which silently replace settings that are not configured. */
const ENVIRONMENT: Record<string, readonly string[]> = {
  endpoint: ["MYSQL_ENDPOINT"],
  username: ["MYSQL_USERNAME"],
  password: ["MYSQL_PASSWORD"],
  tls: ["MYSQL_TLS_CONFIG"],
  proxy: ["ALL_PROXY", "all_proxy"],
};

function complete(inputs: ConfigInputs): Record<string, string | undefined> {
  const found = Object.entries(ENVIRONMENT).map(
    ([key, names]) => [key, inputs[key] ?? names.map((name) => process.env[name]).find(Boolean)] as const,
  );
  return { ...inputs, ...Object.fromEntries(found) };
}

/** What is wrong with the provider's inputs; what is not known yet passes. */
export function checkConfig(inputs: ConfigInputs): Failure[] {
  const given = complete(inputs);
  const failures: Failure[] = [];
  const refuse = (property: string, reason: string, good: (value: string) => boolean) => {
    const value = given[property];
    if (value !== undefined && value !== UNKNOWN && !good(value)) failures.push({ property, reason });
  };
  for (const property of ["endpoint", "username"]) {
    if (given[property] === undefined) failures.push({ property, reason: `Missing required property '${property}'` });
  }
  refuse("endpoint", "Endpoint must not be an empty string", (value) => value !== "");
  refuse("tls", `tls is one of ${TLS_MODES.join(", ")}`, (value) => TLS_MODES.some((mode) => mode === value));
  refuse("proxy", "The proxy URL is not a valid socks url", (value) => /^socks5h?:\/\/.*:\d+$/.test(value));
  refuse("authenticationPlugin", `authenticationPlugin is ${CLEARTEXT} or ${NATIVE}`, (value) =>
    [CLEARTEXT, NATIVE].includes(value.toLowerCase()),
  );
  for (const property of ["maxConnLifetimeSec", "maxOpenConns"])
    refuse(property, `${property} is a whole number`, (value) => /^-?\d+$/.test(value));
  return failures;
}

/**
 * Reads inputs that {@link checkConfig} has passed. `maxConnLifetimeSec` and `maxOpenConns` change nothing: every
 * operation has a separate connection.
 */
export function serverConfig(inputs: ConfigInputs): ServerConfig {
  const { endpoint = "", username = "", password = "", tls, proxy, authenticationPlugin } = complete(inputs);
  return {
    address: addressOf(endpoint),
    username,
    password,
    tls: TLS_MODES.find((mode) => mode === tls) ?? "false",
    proxy,
    cleartextPassword: authenticationPlugin === CLEARTEXT,
  };
}

function addressOf(endpoint: string): ServerConfig["address"] {
  if (endpoint.startsWith("/")) return { socketPath: endpoint };
  const [, bracketed, plain = "", port = "3306"] = /^(?:\[(.*)\]|([^:]*))(?::(\d+))?$/.exec(endpoint) ?? [];
  return { host: bracketed ?? plain, port: Number(port) };
}
