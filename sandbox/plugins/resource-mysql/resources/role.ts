import { over, ServerError } from "../connection";
import { quoted, Resource, text } from "./resource";

export const role: Resource = {
  properties: { name: { autonamed: true, replaces: true } },
  importable: false,
  readsBack: false,
  async create(inputs, connect) {
    const name = text(inputs, "name");
    try {
      await over(connect, (session) => session.query(`CREATE ROLE ${quoted(name)}`));
    } catch (error) {
      throw error instanceof ServerError ? new Error(`error creating role: ${error.message}`) : error;
    }
    return name;
  },
  read: (name, _state, connect) =>
    over(connect, async (session) => {
      try {
        await session.query(`SHOW GRANTS FOR ${quoted(name)}`);
        return { name };
      } catch {
        return undefined; // whatever the reason
      }
    }),
  async delete(_id, state, connect) {
    await over(connect, (session) => session.query(`DROP ROLE ${quoted(text(state, "name"))}`));
  },
};
