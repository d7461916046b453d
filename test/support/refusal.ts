import assert from "node:assert/strict";
import type { ErrorCode } from "../../contract/error-codes";
import { Failure, Refusal } from "../../contract/refusal";

/** For `assert.rejects` and `assert.throws`: an error with a code, whose message names the parameters. */
type Expected = (code: ErrorCode, ...parameters: readonly string[]) => (error: unknown) => true;

function expected(isFailure: boolean): Expected {
  return (code, ...parameters) =>
    (error) => {
      assert.ok(error instanceof Refusal, String(error));
      assert.deepEqual([error.code, error instanceof Failure], [code, isFailure], error.message);
      assert.deepEqual(
        parameters.filter((parameter) => !error.message.includes(parameter)),
        [],
        error.message,
      );
      return true;
    };
}

/** A command that was not carried out. */
export const refused = expected(false);

/** A command that came part of the way. */
export const failed = expected(true);
