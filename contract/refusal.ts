import { RUNBOOKS, type ErrorCode } from "./error-codes";

/** A command that was refused, with the reason and what to do. It is printed without a stack trace. */
export class Refusal extends Error {
  constructor(
    readonly code: ErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** A command that failed half-way. The message says what was changed, and how to continue. */
export class Failure extends Refusal {}

/** The message with its code and the runbook for it: `… [MYSQL_NO_QUORUM: docs/runbooks/mysql-failover.md]`. */
export function withCode({ code, message }: Pick<Refusal, "code" | "message">): string {
  const page = RUNBOOKS[code];
  return `${message} [${code}${page === undefined ? "" : `: docs/runbooks/${page}.md`}]`;
}

/** The code of an error, or `otherwise` if it has none. */
export function codeOf(error: unknown, otherwise: ErrorCode): ErrorCode {
  return error instanceof Refusal ? error.code : otherwise;
}

/** The result of `read`. @throws Refusal with `what` and the reason, if it fails. */
export function attempt<T>(code: ErrorCode, what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new Refusal(code, `${what}: ${(error as Error).message}`);
  }
}
