/** A command that was not carried out, with the reason and the way on: told without a stack trace. */
export class Refusal extends Error {}

/** A command that came part of the way. The message says what was changed, and how to go on. */
export class Failure extends Refusal {}

/** What `read` returns. @throws Refusal with `what`, and the reason, if it fails. */
export function attempt<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new Refusal(`${what}: ${(error as Error).message}`);
  }
}
