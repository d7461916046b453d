/**
 * Runs the contract of the plugin of `@pulumi/mysql` against a server of the caller's, by
 *
 *   npx mocha --no-config --require sucrase/register test/contract/mysql-provider.test.ts
 *
 * with these variables set:
 *
 *   MYSQL_CONTRACT_SERVER      host:port
 *   MYSQL_CONTRACT_USER        an administrator's name
 *   MYSQL_CONTRACT_PASSWORD    and password
 *   MYSQL_CONTRACT_TLS         skip-verify if the server requires encryption
 *   MYSQL_CONTRACT_PLUGIN      executable of the plugin, for example the official one; default: the stand-in of this checkout
 */
import { describeProviderContract } from "./mysql-provider";

const {
  MYSQL_CONTRACT_SERVER: server = "",
  MYSQL_CONTRACT_USER: user = "",
  MYSQL_CONTRACT_PASSWORD: password = "",
  MYSQL_CONTRACT_TLS: tls,
  MYSQL_CONTRACT_PLUGIN: plugin,
} = process.env;

describeProviderContract(() => {
  const [host, port] = server.split(":");
  if (host === "" || port === undefined || user === "")
    throw new Error(
      "set MYSQL_CONTRACT_SERVER=host:port, MYSQL_CONTRACT_USER and MYSQL_CONTRACT_PASSWORD to a server that the contract may use",
    );
  return Promise.resolve({ host, port: Number(port), user, password, tls: tls === "skip-verify" ? tls : "false" });
}, plugin);
