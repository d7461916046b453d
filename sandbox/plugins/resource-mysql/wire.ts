import * as grpc from "@grpc/grpc-js";
import { ErrorResourceInitFailed } from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import { JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";
import { ConfigInputs } from "./config";
import { Properties, Value, Values } from "./properties";
import { PartialFailure } from "./provider";

/** How the engine's protocol marks an object that stands for a value of a special kind, and the kind "secret". */
const KIND = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** A property bag, without what is null. Secrets are unwrapped. */
export function fromStruct(struct: Struct | undefined): Values {
  const entries = Object.entries(struct?.toJavaScript() ?? {}).map(([name, value]) => [name, plain(value)] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== null)) as Values;
}

function plain(value: JavaScriptValue): JavaScriptValue {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const object = value as Record<string, JavaScriptValue>;
  return object[KIND] === SECRET ? plain(object.value) : value;
}

/** The provider's own inputs, which come as strings or as JSON. */
export function configFromStruct(struct: Struct | undefined): ConfigInputs {
  return Object.fromEntries(
    Object.entries(fromStruct(struct)).map(([name, value]) => [
      name,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );
}

/** A property bag with the secret properties marked, which the engine then keeps encrypted. */
export function toStruct(values: Values, properties: Properties): Struct {
  const wrap = (name: string, value: Value) =>
    properties[name]?.secret === undefined ? value : { [KIND]: SECRET, value };
  return Struct.fromJavaScript(
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, wrap(name, value)])),
  );
}

/** An error as the engine expects it, with the state if the failure left one. */
export function toServiceError(error: Error, properties: Properties): Partial<grpc.StatusObject> {
  if (!(error instanceof PartialFailure)) return { code: grpc.status.UNKNOWN, details: error.message };
  const failed = new ErrorResourceInitFailed();
  failed.setId(error.id);
  failed.setProperties(toStruct(error.state, properties));
  failed.setReasonsList([error.message]);
  const detail = new Any();
  detail.pack(failed.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const status = new Status();
  status.setCode(grpc.status.UNKNOWN);
  status.setMessage(error.message);
  status.addDetails(detail);
  const metadata = new grpc.Metadata();
  metadata.set("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
  return { code: grpc.status.UNKNOWN, details: error.message, metadata };
}
