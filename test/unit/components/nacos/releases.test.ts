import assert from "node:assert/strict";
import { REFUSED_RELEASES, refusedRelease } from "../../../../components/nacos/refused-releases";
import { nacosFacts } from "../../../../components/nacos/versions";

describe("releases of Nacos", () => {
  it("are refused if they have a known fault, including the first and the last of a range, but not the releases next to them", () => {
    const refused = [
      "2.2.0",
      "2.2.1",
      "2.2.2",
      "2.3.0",
      "2.5.0",
      "2.5.1",
      "3.0.0",
      "3.0.1",
      "3.0.2",
      "3.2.1",
      "2.5",
      "3.0",
      "2.2.0.1",
    ];
    const accepted = [
      "2.2.3",
      "2.2.4",
      "2.3.1",
      "2.3.2",
      "2.4.0",
      "2.4.3",
      "2.5.2",
      "2.5.3",
      "3.0.3",
      "3.1.0",
      "3.1.2",
      "3.2.0",
      "3.2.2",
      "3.2.3",
    ];
    assert.deepEqual(
      refused.filter((version) => refusedRelease(version) === undefined),
      [],
    );
    assert.deepEqual(
      accepted.filter((version) => refusedRelease(version) !== undefined),
      [],
    );
  });

  it("each name a next release, which is supported and not refused", () => {
    for (const { next } of REFUSED_RELEASES) {
      assert.ok(nacosFacts(`nacos:v${next}`), next);
      assert.equal(refusedRelease(next), undefined, next);
    }
  });
});
