import * as grpc from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as rpc from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { RETRY_MS } from "../../sandbox/plugins/resource-mysql/connection";
import { createServer, listen } from "../../sandbox/plugins/resource-mysql/server";
import { fromStruct } from "../../sandbox/plugins/resource-mysql/wire";

export type Bag = Record<string, JavaScriptValue>;
/** Settings of the provider. */
export type Config = Record<string, string>;
export type Type = "Database" | "Grant" | "Role" | "User";

/** A resource as the engine keeps it in its state. */
export interface Made {
  type: Type;
  id: string;
  inputs: Bag;
  outputs: Bag;
}

/** In these tests, the stand-in gives up connecting after this short time. */
const SHORT_RETRY_MS = 1500;

/** A resource plugin under test, spoken to as the engine does. */
export class Plugin {
  private constructor(
    private readonly client: ResourceProviderClient,
    readonly retryMs: number,
    readonly stop: () => void,
  ) {}

  /** The stand-in inside this process, or the executable that `file` names. */
  static async start(file?: string): Promise<Plugin> {
    const address = (port: number) =>
      new ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
    if (file === undefined) {
      const server = createServer(SHORT_RETRY_MS);
      const client = address(await listen(server));
      return new Plugin(client, SHORT_RETRY_MS, () => {
        client.close();
        server.forceShutdown();
      });
    }
    const child = spawn(file, ["127.0.0.1:1"], { stdio: ["ignore", "pipe", "ignore"] });
    const [line] = (await once(createInterface(child.stdout), "line")) as [string];
    const client = address(Number(line));
    return new Plugin(client, RETRY_MS, () => {
      client.close();
      child.kill();
    });
  }

  async configure(config: Config): Promise<void> {
    const request = new rpc.ConfigureRequest()
      .setAcceptsecrets(true)
      .setAcceptresources(true)
      .setArgs(Struct.fromJavaScript(config));
    for (const [name, value] of Object.entries(config)) request.getVariablesMap().set(`mysql:config:${name}`, value);
    await this.call((done) => this.client.configure(request, done));
  }

  async checkConfig(config: Config): Promise<{ inputs: Bag; refused: string[] }> {
    const request = new rpc.CheckRequest()
      .setUrn("urn:pulumi:s::p::pulumi:providers:mysql::m")
      .setNews(Struct.fromJavaScript(config));
    const response = await this.call<rpc.CheckResponse>((done) => this.client.checkConfig(request, done));
    return {
      inputs: response.getInputs()?.toJavaScript() ?? {},
      refused: response.getFailuresList().map((failure) => failure.getProperty()),
    };
  }

  /** The inputs as the plugin completes them, with its marks of secrecy. */
  async check(type: Type, inputs: Bag, previous: Bag = {}): Promise<{ inputs: Bag; refused: string[] }> {
    const request = new rpc.CheckRequest()
      .setUrn(urn(type))
      .setOlds(Struct.fromJavaScript(previous))
      .setNews(Struct.fromJavaScript(inputs));
    const response = await this.call<rpc.CheckResponse>((done) => this.client.check(request, done));
    return {
      inputs: response.getInputs()?.toJavaScript() ?? {},
      refused: response.getFailuresList().map((failure) => failure.getReason()),
    };
  }

  async create(type: Type, given: Bag, preview = false): Promise<Made> {
    const inputs = await this.checked(type, given);
    const request = new rpc.CreateRequest()
      .setUrn(urn(type))
      .setProperties(Struct.fromJavaScript(inputs))
      .setPreview(preview);
    const response = await this.call<rpc.CreateResponse>((done) => this.client.create(request, done));
    return { type, id: response.getId(), inputs, outputs: fromStruct(response.getProperties()) };
  }

  async diff(made: Made, given: Bag): Promise<{ changed: string[]; replaces: string[]; deleteBeforeReplace: boolean }> {
    const request = new rpc.DiffRequest()
      .setUrn(urn(made.type))
      .setId(made.id)
      .setOldInputs(Struct.fromJavaScript(made.inputs))
      .setOlds(Struct.fromJavaScript(made.outputs));
    request.setNews(Struct.fromJavaScript(await this.checked(made.type, given, made.inputs)));
    const response = await this.call<rpc.DiffResponse>((done) => this.client.diff(request, done));
    return {
      changed: response.getDiffsList().sort(),
      replaces: response.getReplacesList(),
      deleteBeforeReplace: response.getDeletebeforereplace(),
    };
  }

  async update(made: Made, given: Bag): Promise<Made> {
    const inputs = await this.checked(made.type, given, made.inputs);
    const request = new rpc.UpdateRequest()
      .setUrn(urn(made.type))
      .setId(made.id)
      .setOldInputs(Struct.fromJavaScript(made.inputs))
      .setOlds(Struct.fromJavaScript(made.outputs))
      .setNews(Struct.fromJavaScript(inputs));
    const response = await this.call<rpc.UpdateResponse>((done) => this.client.update(request, done));
    return { ...made, inputs, outputs: fromStruct(response.getProperties()) };
  }

  /** What a refresh finds, or undefined if the plugin says that the resource is gone. */
  async refresh(made: Made): Promise<Made | undefined> {
    const request = new rpc.ReadRequest()
      .setUrn(urn(made.type))
      .setId(made.id)
      .setProperties(Struct.fromJavaScript(made.outputs))
      .setInputs(Struct.fromJavaScript(made.inputs));
    const response = await this.call<rpc.ReadResponse>((done) => this.client.read(request, done));
    return response.getId() === ""
      ? undefined
      : { ...made, inputs: fromStruct(response.getInputs()), outputs: fromStruct(response.getProperties()) };
  }

  async import(type: Type, id: string): Promise<Made | undefined> {
    return this.refresh({ type, id, inputs: {}, outputs: {} });
  }

  async delete(made: Made): Promise<void> {
    const request = new rpc.DeleteRequest()
      .setUrn(urn(made.type))
      .setId(made.id)
      .setOldInputs(Struct.fromJavaScript(made.inputs))
      .setProperties(Struct.fromJavaScript(made.outputs));
    await this.call((done) => this.client.delete(request, done));
  }

  /** As the engine does for a plugin that does not accept secrets: removes their marks from the inputs. */
  private async checked(type: Type, given: Bag, previous: Bag = {}): Promise<Bag> {
    const { inputs, refused } = await this.check(type, given, previous);
    if (refused.length > 0) throw new Error(refused.join("\n"));
    return fromStruct(Struct.fromJavaScript(inputs));
  }

  private call<A>(send: (done: grpc.requestCallback<A>) => unknown): Promise<A> {
    return new Promise((resolve, reject) =>
      send((error, response) =>
        response === undefined || error !== null ? reject(error ?? new Error("no answer")) : resolve(response),
      ),
    );
  }
}

function urn(type: Type): string {
  return `urn:pulumi:stack::project::parent:index:Parent$mysql:index/${type.toLowerCase()}:${type}::contract`;
}

/** The state that a failure left behind, as the engine records it, or undefined. */
export function recordedState(error: unknown): Bag | undefined {
  const { metadata } = error as grpc.ServiceError;
  const [details] = metadata.get("grpc-status-details-bin");
  if (details === undefined) return undefined;
  const [detail] = Status.deserializeBinary(details as Buffer).getDetailsList();
  return fromStruct(rpc.ErrorResourceInitFailed.deserializeBinary(detail.getValue_asU8()).getProperties());
}
