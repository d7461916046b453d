import * as grpc from "@grpc/grpc-js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { IResourceProviderServer, ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as rpc from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { checkConfig } from "./config";
import { Change, Failure, Naming, UNKNOWN } from "./properties";
import { Provider } from "./provider";
import { VERSION } from "./version";
import { configFromStruct, fromStruct, toServiceError, toStruct } from "./wire";

const { Kind } = rpc.PropertyDiff;
const KINDS = {
  add: [Kind.ADD, Kind.ADD_REPLACE],
  update: [Kind.UPDATE, Kind.UPDATE_REPLACE],
  delete: [Kind.DELETE, Kind.DELETE_REPLACE],
} as const;

interface Addressed {
  getUrn(): string;
}

function typeOf(request: Addressed): string {
  return request.getUrn().split("::")[2]?.split("$").at(-1) ?? "";
}

/** Adds to an error which resource failed. */
async function during<A>(doing: string, request: Addressed, action: Promise<A>): Promise<A> {
  return action.catch((error: Error) => {
    error.message = `${doing} ${request.getUrn()}: ${error.message}`;
    throw error;
  });
}

function failures(found: Failure[]): rpc.CheckFailure[] {
  return found.map(({ property, reason }) => new rpc.CheckFailure().setProperty(property).setReason(reason));
}

function diffResponse(found: Change[]): rpc.DiffResponse {
  const response = new rpc.DiffResponse();
  response.setChanges(
    found.length === 0 ? rpc.DiffResponse.DiffChanges.DIFF_NONE : rpc.DiffResponse.DiffChanges.DIFF_SOME,
  );
  response.setDiffsList(found.map(({ property }) => property));
  response.setReplacesList(found.filter(({ replaces }) => replaces).map(({ property }) => property));
  response.setHasdetaileddiff(true);
  for (const { property, kind, replaces } of found) {
    response.getDetaileddiffMap().set(property, new rpc.PropertyDiff().setKind(KINDS[kind][replaces ? 1 : 0]));
  }
  return response; // deleteBeforeReplace stays false: the new one is created first, unless the program says otherwise
}

function namingOf(request: rpc.CheckRequest): Naming {
  const autonaming = request.getAutonaming();
  return {
    logicalName: request.getUrn().split("::").slice(3).join("::"),
    seed: request.getRandomseed_asU8(),
    proposed: autonaming?.getProposedName(),
    disabled: autonaming?.getMode() === rpc.CheckRequest.AutonamingOptions.Mode.DISABLE,
  };
}

/**
 * The plugin's service. Calls that are left out are answered with "unimplemented": the handshake, as in the official plugin,
 * and the schema, which only `pulumi import` asks for, to generate code.
 *
 * @param retryMs how long a failed connection is retried.
 */
export function createServer(retryMs?: number): grpc.Server {
  const provider = new Provider(retryMs);
  const propertiesOf = (request: unknown) => {
    try {
      return provider.properties(typeOf(request as Addressed));
    } catch {
      return {};
    }
  };
  const answer =
    <Q, A>(handle: (request: Q) => A | Promise<A>): grpc.handleUnaryCall<Q, A> =>
    (call, done) => {
      Promise.resolve(call.request)
        .then(handle)
        .then(
          (response) => done(null, response),
          (error: Error) => done(toServiceError(error, propertiesOf(call.request))),
        );
    };

  const service: Partial<IResourceProviderServer> = {
    checkConfig: answer((request: rpc.CheckRequest) =>
      new rpc.CheckResponse()
        .setInputs(request.getNews())
        .setFailuresList(failures(checkConfig(configFromStruct(request.getNews())))),
    ),
    diffConfig: answer((request: rpc.DiffRequest) => {
      const [old, wanted] = [configFromStruct(request.getOldInputs()), configFromStruct(request.getNews())];
      const names = [...new Set([...Object.keys(old), ...Object.keys(wanted)])].filter(
        (name) => !request.getIgnorechangesList().includes(name),
      );
      return diffResponse(
        names
          .filter((name) => old[name] !== wanted[name])
          .map((property) => ({
            property,
            kind: !(property in old) ? "add" : property in wanted ? "update" : "delete",
            replaces: false,
          })),
      );
    }),
    configure: answer((request: rpc.ConfigureRequest) => {
      const inputs = configFromStruct(request.getArgs());
      if (!Object.values(inputs).includes(UNKNOWN)) provider.configure(inputs);
      return new rpc.ConfigureResponse().setSupportspreview(true).setSupportsAutonamingConfiguration(true);
    }),
    check: answer((request: rpc.CheckRequest) => {
      const type = typeOf(request);
      const checked = provider.check(
        type,
        fromStruct(request.getOlds()),
        fromStruct(request.getNews()),
        namingOf(request),
      );
      return new rpc.CheckResponse()
        .setInputs(toStruct(checked.inputs, provider.properties(type)))
        .setFailuresList(failures(checked.failures));
    }),
    diff: answer((request: rpc.DiffRequest) =>
      diffResponse(
        provider.diff(
          typeOf(request),
          fromStruct(request.getOlds()),
          fromStruct(request.getNews()),
          request.getIgnorechangesList(),
        ),
      ),
    ),
    create: answer(async (request: rpc.CreateRequest) => {
      const [type, inputs] = [typeOf(request), fromStruct(request.getProperties())];
      const { id, state } = request.getPreview()
        ? { id: "", state: provider.preview(type, inputs) }
        : await provider.create(type, inputs);
      return new rpc.CreateResponse().setId(id).setProperties(toStruct(state, provider.properties(type)));
    }),
    read: answer(async (request: rpc.ReadRequest) => {
      const type = typeOf(request);
      const found = await during(
        "refreshing",
        request,
        provider.read(type, request.getId(), fromStruct(request.getProperties()), fromStruct(request.getInputs())),
      );
      if (found === undefined) return new rpc.ReadResponse(); // no id: the resource is gone
      const properties = provider.properties(type);
      return new rpc.ReadResponse()
        .setId(request.getId())
        .setProperties(toStruct(found.state, properties))
        .setInputs(toStruct(found.inputs, properties));
    }),
    update: answer(async (request: rpc.UpdateRequest) => {
      const [type, inputs] = [typeOf(request), fromStruct(request.getNews())];
      const state = request.getPreview()
        ? provider.preview(type, inputs)
        : await during(
            "updating",
            request,
            provider.update(
              type,
              request.getId(),
              fromStruct(request.getOlds()),
              inputs,
              request.getIgnorechangesList(),
            ),
          );
      return new rpc.UpdateResponse().setProperties(toStruct(state, provider.properties(type)));
    }),
    delete: answer(async (request: rpc.DeleteRequest) => {
      await during(
        "deleting",
        request,
        provider.delete(typeOf(request), request.getId(), fromStruct(request.getProperties())),
      );
      return new Empty();
    }),
    getPluginInfo: answer(() => new PluginInfo().setVersion(VERSION)),
    // As in the bridged plugin, nothing is cancelled: an operation that is retrying continues until it gives up.
    cancel: answer(() => new Empty()),
    attach: answer(() => new Empty()),
  };
  const server = new grpc.Server();
  server.addService(ResourceProviderService, service as grpc.UntypedServiceImplementation);
  return server;
}

/** @returns the port on the loopback address. */
export function listen(server: grpc.Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) =>
      error === null ? resolve(port) : reject(error),
    );
  });
}
