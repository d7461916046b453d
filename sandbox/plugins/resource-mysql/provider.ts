import { ConfigInputs, ServerConfig, serverConfig } from "./config";
import { Connect, connect } from "./connection";
import { Change, changes, check, completed, Failure, Naming, Properties, stateOf, Values } from "./properties";
import { database } from "./resources/database";
import { grant } from "./resources/grant";
import { Resource } from "./resources/resource";
import { role } from "./resources/role";
import { user } from "./resources/user";

const RESOURCES: Readonly<Record<string, Resource>> = {
  "mysql:index/database:Database": database,
  "mysql:index/grant:Grant": grant,
  "mysql:index/role:Role": role,
  "mysql:index/user:User": user,
};

/** The server was changed, and something failed after that: the engine records the state together with the reason. */
export class PartialFailure extends Error {
  constructor(
    readonly id: string,
    readonly state: Values,
    message: string,
  ) {
    super(message);
  }
}

export interface Refreshed {
  state: Values;
  inputs: Values;
}

/** The provider without its wire protocol. Checks, diffs and previews reach no server. */
export class Provider {
  private server?: ServerConfig;

  /** @param retryMs how long a failed connection is retried. */
  constructor(private readonly retryMs?: number) {}

  /** Takes the server's address; the first operation dials. */
  configure(inputs: ConfigInputs): void {
    this.server = serverConfig(inputs);
  }

  properties(type: string): Properties {
    return resource(type).properties;
  }

  check(type: string, previous: Values, given: Values, naming: Naming): { inputs: Values; failures: Failure[] } {
    return check(resource(type).properties, previous, given, naming);
  }

  diff(type: string, state: Values, inputs: Values, ignored: readonly string[]): Change[] {
    return changes(resource(type).properties, state, inputs, ignored);
  }

  /** What a preview shows as the outcome. */
  preview(type: string, inputs: Values): Values {
    return stateOf(resource(type).properties, inputs);
  }

  async create(type: string, inputs: Values): Promise<{ id: string; state: Values }> {
    const kind = resource(type);
    const id = await kind.create(completed(kind.properties, inputs), this.connect);
    const state = stateOf(kind.properties, inputs);
    return { id, state: await this.readBack(type, id, state) };
  }

  /** What a refresh finds, or undefined if the resource is gone. Inputs change only if the server has another value. */
  async read(type: string, id: string, state: Values, inputs: Values): Promise<Refreshed | undefined> {
    const kind = resource(type);
    const isImport = Object.keys(state).length === 0;
    if (isImport && !kind.importable) throw new Error(`${type} cannot be imported`);
    const found = await kind.read(id, state, this.connect);
    if (found === undefined) return undefined;
    if (isImport) return { state: found, inputs: found };
    const drifted = Object.entries(found).filter(
      ([name, value]) => name in inputs && JSON.stringify(value) !== JSON.stringify(state[name]),
    );
    return { state: found, inputs: { ...inputs, ...Object.fromEntries(drifted) } };
  }

  /** @throws PartialFailure if the server refuses: the state then says, wrongly, that the change was made. */
  async update(type: string, id: string, old: Values, inputs: Values, ignored: readonly string[]): Promise<Values> {
    const kind = resource(type);
    if (kind.update === undefined) throw new Error("doesn't support update");
    const state = stateOf(kind.properties, inputs);
    try {
      await kind.update(
        completed(kind.properties, inputs),
        changes(kind.properties, old, inputs, ignored),
        this.connect,
      );
    } catch (error) {
      throw new PartialFailure(id, state, (error as Error).message);
    }
    return this.readBack(type, id, state);
  }

  async delete(type: string, id: string, state: Values): Promise<void> {
    await resource(type).delete(id, state, this.connect);
  }

  private async readBack(type: string, id: string, state: Values): Promise<Values> {
    const kind = resource(type);
    if (!kind.readsBack) return state;
    const found = await kind.read(id, state, this.connect).catch((error: Error) => {
      throw new PartialFailure(id, state, error.message);
    });
    if (found === undefined) throw new Error(`${id} was not found after it had been made`);
    return found;
  }

  private readonly connect: Connect = () => {
    if (this.server === undefined) throw new Error("the provider is not configured");
    return connect(this.server, this.retryMs);
  };
}

function resource(type: string): Resource {
  if (type in RESOURCES) return RESOURCES[type];
  throw new Error(`the provider has no resource type ${type}`);
}
