import assert from "node:assert/strict";
import { rotate, type Rotation } from "../../../../ops/secrets/rotate";

interface World {
  /** The mark of the pods, and what it is after an update that replaces. */
  mark: string;
  underWay?: string;
  updateFails?: boolean;
  updateChangesNothing?: boolean;
  mysqlRefuses?: boolean;
}

function rotation(world: World): { steps: string[]; rotation: Rotation } {
  const steps: string[] = [];
  return {
    steps,
    rotation: {
      mark: () => Promise.resolve(world.mark),
      underWay: () => Promise.resolve(world.underWay),
      noteUnderWay: (mark) => Promise.resolve(void ([world.underWay] = [mark ?? undefined], steps.push(`note ${mark}`))),
      asNacos: (statement) => (world.mysqlRefuses === true ? Promise.reject(new Error("denied")) : Promise.resolve(void steps.push(statement("word")))),
      update: (replace) => {
        steps.push(replace ? "replace" : "go on");
        if (world.updateFails === true) return Promise.resolve(false);
        if (world.updateChangesNothing !== true) world.mark = "new";
        return Promise.resolve(true);
      },
      say: () => undefined,
    },
  };
}

const retain = "ALTER USER USER() IDENTIFIED BY 'word' RETAIN CURRENT PASSWORD";
const discard = "ALTER USER USER() DISCARD OLD PASSWORD";

describe("the rotation of Nacos' password", () => {
  it("keeps the old password valid until every pod has the new one", async () => {
    const { steps, rotation: it } = rotation({ mark: "old" });
    await rotate(it);
    assert.deepEqual(steps, [retain, "note old", "replace", discard, "note null"]);
  });

  it("does nothing where MySQL does not let the account in", async () => {
    const { steps, rotation: it } = rotation({ mark: "old", mysqlRefuses: true });
    await assert.rejects(rotate(it), /denied/);
    assert.deepEqual(steps, []);
  });

  it("leaves both valid where the update fails, and goes on the next time without making the first one forgotten", async () => {
    const world: World = { mark: "old", updateFails: true };
    await assert.rejects(rotate(rotation(world).rotation), /did not come to its end.*run the same command again/);
    const { steps, rotation: again } = rotation({ ...world, updateFails: false });
    await rotate(again);
    assert.deepEqual(steps, ["replace", discard, "note null"]);
  });

  it("replaces nothing again where the pods have the new password already", async () => {
    const { steps, rotation: it } = rotation({ mark: "new", underWay: "old" });
    await rotate(it);
    assert.deepEqual(steps, ["go on", discard, "note null"]);
  });

  it("does not throw the old one away where no new one was made", async () => {
    const { steps, rotation: it } = rotation({ mark: "old", updateChangesNothing: true });
    await assert.rejects(rotate(it), /no new password was made/);
    assert.ok(!steps.includes(discard));
  });
});
