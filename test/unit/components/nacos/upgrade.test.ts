import assert from "node:assert/strict";
import type { ErrorCode } from "../../../../contract/error-codes";
import { endsUpgrade, partitionOf, versionProblem, type VersionChange } from "../../../../components/nacos/upgrade";

const TWO = "2.5.3";
const THREE = "3.1.0";

describe("another version of Nacos", () => {
  const problem = (
    wanted: string,
    running: readonly string[],
    upgrade: VersionChange["upgrade"],
    former = running[0],
  ) => versionProblem({ wanted, running, upgrade, former: [former] })?.code;

  const cases: [what: string, found: string | undefined, expected: ErrorCode | undefined][] = [
    ["within a series", problem("2.5.4", [TWO, TWO, TWO], "refuse"), undefined],
    ["within 3.x", problem("3.2.3", [THREE, THREE, THREE], "refuse"), undefined],
    ["of 3.x, unconfirmed", problem(THREE, [TWO, TWO, TWO], "refuse"), "NACOS_UPGRADE_UNCONFIRMED"],
    ["of 3.x, to be held", problem(THREE, [TWO, TWO, TWO], "hold"), undefined],
    ["of 3.x, to be completed", problem(THREE, [TWO, TWO, TWO], "complete"), undefined],
    ["of 3.x, for a single server", problem(THREE, [TWO], "refuse"), "NACOS_UPGRADE_UNCONFIRMED"],
    ["of 3.x, while no server runs", problem(THREE, [], "refuse", TWO), "NACOS_UPGRADE_UNCONFIRMED"],
    ["forgotten while it is held", problem(THREE, [TWO, THREE, THREE], "refuse"), "NACOS_UPGRADE_UNCONFIRMED"],
    ["completed after it was held", problem(THREE, [TWO, THREE, THREE], "complete"), undefined],
    ["back from the hold", problem(TWO, [TWO, THREE, THREE], "hold"), undefined],
    ["back from the hold, forgotten", problem(TWO, [TWO, THREE, THREE], "refuse"), "NACOS_UPGRADE_UNCONFIRMED"],
    ["back after all were of 3.x", problem(TWO, [THREE, THREE], "complete"), "NACOS_RETURN_IMPOSSIBLE"],
    ["back after all have stopped", problem(TWO, [], "refuse", THREE), undefined],
    ["held with nothing to hold", problem(THREE, [THREE, THREE], "hold"), "NACOS_NOTHING_TO_HOLD"],
  ];
  for (const [what, found, expected] of cases)
    it(`${what}: ${expected ?? "is allowed"}`, () => assert.equal(found, expected));

  it("is refused with the versions, the reason and the remedy", () => {
    const message = (wanted: string, running: string[], upgrade: VersionChange["upgrade"]) =>
      versionProblem({ wanted, running, upgrade, former: [TWO] })?.message;
    assert.equal(
      message(THREE, [TWO, TWO], "refuse"),
      "nacos.image is 3.1.0, and the servers are of 2.5.3: nothing can be published while servers of 2.x and 3.x run, and there is no way back once all are of 3.x. To stop before that: pulumi config set --path nacos-platform:nacos.seriesUpgrade hold [NACOS_UPGRADE_UNCONFIRMED: docs/runbooks/nacos-upgrade.md]",
    );
    assert.match(
      message(TWO, [THREE, TWO], "refuse") ?? "",
      /^nacos.image is 2.5.3, and the servers are of 2.5.3 and 3.1.0: /,
    );
    assert.equal(
      message(TWO, [THREE, THREE], "refuse"),
      "nacos.image is 2.5.3, and every server is of 3.1.0: servers of 3.x accept none of 2.x any more. Set nacos.image back, or stop all servers first [NACOS_RETURN_IMPOSSIBLE: docs/runbooks/nacos-rollback.md]",
    );
    assert.equal(
      message(THREE, [THREE], "hold"),
      "nacos.seriesUpgrade is hold, and no server is of 2.x any more: nacos-0 would get no update. pulumi config rm --path nacos-platform:nacos.seriesUpgrade [NACOS_NOTHING_TO_HOLD: docs/runbooks/nacos-upgrade.md]",
    );
  });

  it("leaves the first server out while an upgrade to 3.x is held", () =>
    assert.deepEqual(
      [partitionOf(TWO, "hold"), partitionOf(THREE, "hold"), partitionOf(THREE, "complete")],
      [0, 1, 0],
    ));

  it("ends an upgrade when all servers get it, if servers of both series may have run", () =>
    assert.deepEqual(
      [
        endsUpgrade(THREE, 3, "complete"),
        endsUpgrade(TWO, 3, "hold"),
        endsUpgrade(THREE, 3, "hold"),
        endsUpgrade(THREE, 3, "refuse"),
        endsUpgrade(THREE, 1, "complete"),
      ],
      [true, true, false, false, false],
    ));
});
