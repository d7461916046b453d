import { Failure, Refusal } from "../../contract/refusal";

/** What the steps of a rotation need of the outside. */
export interface Rotation {
  /** Which secret is in place; tells nothing of it. */
  fingerprint(): Promise<string>;
  /** The fingerprint before a rotation that is under way, or undefined. */
  underWay(): Promise<string | undefined>;
  noteUnderWay(fingerprint: string | null): Promise<void>;
  /** What has to be so each time. @throws Error that says what is not. */
  check(): Promise<void>;
  /** What has to be done, or to be so, before anything is changed. */
  prepare(): Promise<void>;
  /** Runs the update that replaces the secret, or that goes on with what an earlier one began. */
  update(replace: boolean): Promise<boolean>;
  /** Waits until every server works with the new one. @throws Error that says which does not. */
  verify(): Promise<void>;
  /** Throws the old one away. */
  finish(): Promise<void>;
  say(line: string): void;
  /** What holds while a rotation is not at its end, and what is said at its end. */
  readonly texts: { readonly meanwhile: string; readonly done: string };
}

/**
 * Gives a secret another value: the old one is thrown away when every server has been seen to work with the new one.
 * Broken off anywhere, the same command goes on.
 */
export async function rotate(rotation: Rotation): Promise<void> {
  const { meanwhile, done } = rotation.texts;
  const brokenOff = (what: string): Failure => new Failure(`${what}. ${meanwhile}; run the same command again.`);
  const orBrokenOff = (error: unknown): never => {
    throw brokenOff((error as Error).message);
  };
  const orRefused = (error: unknown): never => {
    throw new Refusal(`${(error as Error).message}. Nothing was changed.`);
  };
  await rotation.check().catch(orRefused);
  const underWay = await rotation.underWay();
  const before = underWay ?? (await rotation.fingerprint());
  if (underWay === undefined) {
    await rotation.prepare().catch(orRefused);
    await rotation.noteUnderWay(before);
  }
  const replace = (await rotation.fingerprint()) === before;
  if (underWay !== undefined) rotation.say(`An earlier rotation was broken off ${replace ? "before" : "after"} it had made the new secret: going on with it.`);
  if (!(await rotation.update(replace))) throw brokenOff("the update did not come to its end");
  if ((await rotation.fingerprint()) === before) throw brokenOff("the update has changed nothing: no new secret was made");
  rotation.say("Looking whether every server works with the new one.");
  await rotation.verify().catch(orBrokenOff);
  await rotation.finish().catch(orBrokenOff);
  await rotation.noteUnderWay(null).catch((error: unknown) => {
    throw new Failure(`${(error as Error).message}. ${done} Only the note that this is under way is still there; run the same command again.`);
  });
  rotation.say(done);
}
