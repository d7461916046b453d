import * as assert from "node:assert/strict";
import * as os from "node:os";
import { requireFreeSpace } from "../../../sandbox/host/disk";

describe("the free space of a disk", () => {
  it("is enough for nothing at all", () => requireFreeSpace(os.tmpdir(), 0, "nothing", "TMPDIR"));

  it("is named where it is too little, with what is needed and the way out", () => {
    assert.throws(
      () => requireFreeSpace(os.tmpdir(), 1e9, "a cluster", "XDG_STATE_HOME"),
      (error: Error) =>
        /^\S+ has [\d.]+ GiB free; a cluster takes up to 1000000000 GiB\. Free some space, or set XDG_STATE_HOME to a larger disk\.$/.test(
          error.message,
        ),
    );
  });
});
