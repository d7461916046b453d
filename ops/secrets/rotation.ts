import type { ErrorCode } from "../../contract/error-codes";
import { codeOf, Failure, Refusal } from "../../contract/refusal";

/** What the steps of a rotation need from their environment. */
export interface Rotation {
  /** Identifies the current secret, and reveals nothing of it. */
  fingerprint(): Promise<string>;
  /** The fingerprint before a rotation that has not ended, or undefined. */
  underWay(): Promise<string | undefined>;
  noteUnderWay(fingerprint: string | null): Promise<void>;
  /** Conditions of every attempt. @throws Error that says which one is not met. */
  check(): Promise<void>;
  /** Steps and conditions before anything is changed. */
  prepare(): Promise<void>;
  /** Runs the update that replaces the secret, or that continues what an earlier one began. */
  update(replace: boolean): Promise<boolean>;
  /** Waits until every server works with the new one. @throws Error that says which one does not. */
  verify(): Promise<void>;
  /** Discards the old one. */
  finish(): Promise<void>;
  say(line: string): void;
  /** What is true while a rotation has not ended, and the message at its end. */
  readonly texts: { readonly meanwhile: string; readonly done: string };
}

/**
 * Gives a secret another value. The old one is discarded when every server has been seen to work with the new one. If it is
 * interrupted anywhere, the same command continues.
 */
export async function rotate(rotation: Rotation): Promise<void> {
  const { meanwhile, done } = rotation.texts;
  const brokenOff = (code: ErrorCode, what: string): Failure =>
    new Failure(code, `${what}. ${meanwhile}; run the same command again.`);
  const orBrokenOff = (error: unknown): never => {
    throw brokenOff(codeOf(error, "SECRETS_NOT_VERIFIED"), (error as Error).message);
  };
  const orRefused = (error: unknown): never => {
    throw new Refusal(codeOf(error, "SECRETS_NOT_PREPARED"), `${(error as Error).message}. Nothing was changed.`);
  };
  await rotation.check().catch(orRefused);
  const underWay = await rotation.underWay();
  const before = underWay ?? (await rotation.fingerprint());
  if (underWay === undefined) {
    await rotation.prepare().catch(orRefused);
    await rotation.noteUnderWay(before);
  }
  const replace = (await rotation.fingerprint()) === before;
  if (underWay !== undefined)
    rotation.say(
      `An earlier rotation was interrupted ${replace ? "before" : "after"} it had created the new secret: continuing it.`,
    );
  if (!(await rotation.update(replace))) throw brokenOff("SECRETS_UPDATE_FAILED", "the update did not finish");
  if ((await rotation.fingerprint()) === before)
    throw brokenOff("SECRETS_NOT_REPLACED", "the update has changed nothing: no new secret was created");
  rotation.say("Checking if every server works with the new secret.");
  await rotation.verify().catch(orBrokenOff);
  await rotation.finish().catch(orBrokenOff);
  await rotation.noteUnderWay(null).catch((error: unknown) => {
    throw new Failure(
      "SECRETS_MARK_LEFT",
      `${(error as Error).message}. ${done} Only the annotation that marks a running rotation is left; run the same command again.`,
    );
  });
  rotation.say(done);
}
