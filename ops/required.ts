import type { ErrorCode } from "../contract/error-codes";
import { Refusal } from "../contract/refusal";

/** An object of a namespace that the API server was asked for. @param remedy what to do if there is none @throws Refusal then. */
export function required<T>(
  asked: Promise<T>,
  code: ErrorCode,
  namespace: string,
  object: string,
  remedy: string,
): Promise<T> {
  return asked.catch((error: unknown) => {
    if ((error as { status?: number }).status !== 404) throw error;
    throw new Refusal(code, `namespace ${namespace} has no ${object}: ${remedy}`);
  });
}
