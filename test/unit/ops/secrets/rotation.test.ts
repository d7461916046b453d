import assert from "node:assert/strict";
import { Refusal } from "../../../../contract/refusal";
import { rotate, type Rotation } from "../../../../ops/secrets/rotation";
import { failed, refused } from "../../../support/refusal";

interface World {
  /** The fingerprint, and what it is after an update that replaces. */
  fingerprint: string;
  underWay?: string;
  updateFails?: boolean;
  updateChangesNothing?: boolean;
  /** The step that fails. */
  fails?: "check" | "prepare" | "verify" | "finish" | "forget";
}

function rotation(world: World): { steps: string[]; rotation: Rotation } {
  const steps: string[] = [];
  const step = (name: string) => () =>
    world.fails === name ? Promise.reject(new Error(`cannot ${name}`)) : Promise.resolve(void steps.push(name));
  return {
    steps,
    rotation: {
      fingerprint: () => Promise.resolve(world.fingerprint),
      underWay: () => Promise.resolve(world.underWay),
      noteUnderWay: (fingerprint) =>
        world.fails === "forget" && fingerprint === null
          ? Promise.reject(new Error("cannot forget"))
          : Promise.resolve(void (([world.underWay] = [fingerprint ?? undefined]), steps.push(`note ${fingerprint}`))),
      check: () => (world.fails === "check" ? Promise.reject(new Error("cannot check")) : Promise.resolve()),
      prepare: step("prepare"),
      update: (replace) => {
        steps.push(replace ? "replace" : "go on");
        if (world.updateFails === true) return Promise.resolve(false);
        if (world.updateChangesNothing !== true) world.fingerprint = "new";
        return Promise.resolve(true);
      },
      verify: step("verify"),
      finish: step("finish"),
      say: () => undefined,
      texts: { meanwhile: "Both are valid until then", done: "Done." },
    },
  };
}

describe("a rotation", () => {
  it("discards the old secret when every server has been seen to work with the new one", async () => {
    const { steps, rotation: it } = rotation({ fingerprint: "old" });
    await rotate(it);
    assert.deepEqual(steps, ["prepare", "note old", "replace", "verify", "finish", "note null"]);
  });

  it("changes nothing if it cannot be prepared", async () => {
    const { steps, rotation: it } = rotation({ fingerprint: "old", fails: "prepare" });
    await assert.rejects(rotate(it), refused("SECRETS_NOT_PREPARED", "cannot prepare"));
    assert.deepEqual(steps, []);
  });

  it("changes nothing if a condition is not met, also when it continues", async () => {
    for (const underWay of [undefined, "old"]) {
      const { steps, rotation: it } = rotation({ fingerprint: "old", underWay, fails: "check" });
      await assert.rejects(rotate(it), refused("SECRETS_NOT_PREPARED", "cannot check"));
      assert.deepEqual(steps, []);
    }
  });

  it("keeps the old one if the update fails, and continues the next time without losing the first fingerprint", async () => {
    const world: World = { fingerprint: "old", updateFails: true };
    await assert.rejects(
      rotate(rotation(world).rotation),
      failed("SECRETS_UPDATE_FAILED", "Both are valid until then"),
    );
    const { steps, rotation: again } = rotation({ ...world, updateFails: false });
    await rotate(again);
    assert.deepEqual(steps, ["replace", "verify", "finish", "note null"]);
  });

  it("makes no third one if the second is in place already", async () => {
    const { steps, rotation: it } = rotation({ fingerprint: "new", underWay: "old" });
    await rotate(it);
    assert.deepEqual(steps, ["go on", "verify", "finish", "note null"]);
  });

  it("does not discard the old one if no new one was created", async () => {
    const { steps, rotation: it } = rotation({ fingerprint: "old", updateChangesNothing: true });
    await assert.rejects(rotate(it), failed("SECRETS_NOT_REPLACED", "Both are valid until then"));
    assert.deepEqual(steps, ["prepare", "note old", "replace"]);
  });

  it("does not discard the old one if a server does not work with the new one, and continues the next time", async () => {
    const world: World = { fingerprint: "old", fails: "verify" };
    const { steps, rotation: it } = rotation(world);
    await assert.rejects(rotate(it), failed("SECRETS_NOT_VERIFIED", "cannot verify", "Both are valid until then"));
    assert.deepEqual(steps, ["prepare", "note old", "replace"]);
    const again = rotation({ ...world, fails: undefined });
    await rotate(again.rotation);
    assert.deepEqual(again.steps, ["go on", "verify", "finish", "note null"]);
  });

  it("does not say that the old one is still valid if only the note of it stays", () =>
    assert.rejects(
      rotate(rotation({ fingerprint: "old", fails: "forget" }).rotation),
      failed("SECRETS_MARK_LEFT", "cannot forget", "Done."),
    ));

  it("keeps the code of what failed", async () => {
    const { rotation: it } = rotation({ fingerprint: "old" });
    const unready = { ...it, prepare: () => Promise.reject(new Refusal("SECRETS_NACOS_NOT_READY", "not ready")) };
    await assert.rejects(rotate(unready), refused("SECRETS_NACOS_NOT_READY", "not ready"));
    const unseen = {
      ...it,
      verify: () => Promise.reject(new Refusal("SECRETS_MEMBERS_MISSING", "nacos-0: it sees 2")),
    };
    await assert.rejects(
      rotate(unseen),
      failed("SECRETS_MEMBERS_MISSING", "nacos-0: it sees 2", "Both are valid until then"),
    );
  });

  it("reports it if the old one cannot be discarded", async () => {
    const { steps, rotation: it } = rotation({ fingerprint: "old", fails: "finish" });
    await assert.rejects(rotate(it), failed("SECRETS_NOT_VERIFIED", "cannot finish"));
    assert.deepEqual(steps, ["prepare", "note old", "replace", "verify"]);
  });
});
