import * as pulumi from "@pulumi/pulumi";
import type { ErrorCode } from "../contract/error-codes";
import { Refusal, withCode } from "../contract/refusal";

/**
 * The reason why a preview or an update stops. Its message ends with its code and runbook, because Pulumi prints the message
 * of what a program or a hook throws, and nothing else. A RunError, so that there is no stack trace.
 */
export class UpdateRefusal extends pulumi.RunError {
  constructor(
    readonly code: ErrorCode,
    message: string,
  ) {
    super(withCode({ code, message }));
  }
}

/** A code at the end of a message: `[MYSQL_NO_QUORUM: docs/runbooks/mysql-failover.md]`. */
const CODE_AT_END = / \[[A-Z]+(_[A-Z]+)+(: [^\s\]]+)?\]$/;

/**
 * Handles the error of something that the update waits for or asks.
 *
 * @param code for an error without one. The code of a Refusal stays, and so does that with which the log of a failed Job ends:
 *   it says more.
 * @returns what the update stops with
 */
export function stopping(code: ErrorCode, error: unknown): Error {
  const { message } = error as Error;
  if (error instanceof Refusal) return new UpdateRefusal(error.code, message);
  return CODE_AT_END.test(message) ? (error as Error) : new UpdateRefusal(code, message);
}
