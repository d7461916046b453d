import { Connect, over, ServerError } from "../connection";
import { Values } from "../properties";
import { identifier, Resource, text } from "./resource";

const UNKNOWN_DATABASE = 1049;

function statement(verb: "CREATE" | "ALTER", inputs: Values): string {
  const clause = (keyword: string, name: string) => (name === "" ? [] : [keyword, identifier(name)]);
  return [
    verb,
    "DATABASE",
    identifier(text(inputs, "name")),
    ...clause("CHARACTER SET", text(inputs, "defaultCharacterSet")),
    ...clause("COLLATE", text(inputs, "defaultCollation")),
  ].join(" ");
}

export const database: Resource = {
  properties: {
    name: { autonamed: true, replaces: true },
    defaultCharacterSet: { default: "utf8" },
    defaultCollation: { default: "utf8_general_ci" },
  },
  importable: true,
  readsBack: true,
  async create(inputs, connect) {
    await over(connect, (session) => session.query(statement("CREATE", inputs)));
    return text(inputs, "name");
  },
  read: (name, _state, connect) =>
    over(connect, async (session) => {
      try {
        const [[, definition]] = await session.query(`SHOW CREATE DATABASE ${identifier(name)}`);
        const characterSet = /CHARACTER SET (\S+)/.exec(definition ?? "")?.[1] ?? "";
        // The server leaves the collation out if it is the character set's default.
        const collation =
          /COLLATE (\S+)/.exec(definition ?? "")?.[1] ??
          (await session.query(`SHOW COLLATION WHERE \`Charset\` = '${characterSet}' AND \`Default\` = 'Yes'`))[0]?.[0];
        return { name, defaultCharacterSet: characterSet, defaultCollation: collation ?? "" };
      } catch (error) {
        if (error instanceof ServerError && error.code === UNKNOWN_DATABASE) return undefined;
        throw new Error(`Error during show create database: ${(error as Error).message}`, { cause: error });
      }
    }),
  async update(inputs, _changes, connect) {
    await over(connect, (session) => session.query(statement("ALTER", inputs)));
  },
  async delete(name: string, _state: Values, connect: Connect) {
    await over(connect, (session) => session.query(`DROP DATABASE ${identifier(name)}`));
  },
};
