import { ConfigError } from "../config/error";
import { UsageError } from "./command";
import { ApiError } from "../clients/kubernetes/api";
import { Failure, Refusal, withCode } from "../contract/refusal";

/** Errors of the language itself: their cause is this program, not its environment. */
const OWN_FAULTS = [TypeError, ReferenceError, RangeError, SyntaxError];

const HINTS: Readonly<Record<number, string>> = {
  401: "The credentials of the kubeconfig's context are not accepted; have they expired?",
  403: "The user of the kubeconfig's context lacks a role that allows it.",
  404: "Is the stack deployed to this namespace of this cluster?",
};

/** The text for an error: its message, and its stack trace only if it is a fault of this program. */
export function describe(error: unknown): string {
  if (!(error instanceof Error)) return (error as { message?: string } | undefined)?.message ?? String(error);
  if (error instanceof Refusal) return withCode(error);
  if (error instanceof ApiError) return [`${error.message}.`, HINTS[error.status] ?? []].flat().join(" ");
  // If a connection was tried at several addresses, only the parts have a message.
  if (error instanceof AggregateError && error.message === "") return error.errors.map(describe).join("; ");
  // If a fetch failed, the reason is its cause.
  if (error instanceof TypeError && error.cause instanceof Error) return `${error.message}: ${describe(error.cause)}`;
  if (OWN_FAULTS.some((kind) => error instanceof kind))
    return `this is a fault of the program itself, please report it:\n${error.stack}`;
  return error.message;
}

/** Reports why a command failed. @returns the status to end with: 2 if the command line was invalid, otherwise 1. */
export function report(error: unknown): number {
  const isRefused = (error instanceof Refusal && !(error instanceof Failure)) || error instanceof ConfigError;
  console.error(`${isRefused ? "refused" : "failed"}: ${describe(error)}`);
  if (!(error instanceof UsageError)) return 1;
  console.error(`\n${error.usage}`);
  return 2;
}
