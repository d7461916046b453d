import assert from "node:assert/strict";
import { configChanges, withoutPack } from "../../../../ops/stack/deployments";
import { historyText } from "../../../../ops/stack/history";
import { deployment, nacos } from "./deployment";

const mysql = (servers: number, key: string) => ({
  "nacos-platform:mysql": { value: "{…}", objectValue: { servers, backup: { offsite: { key } } }, secret: true },
});

describe("stack history", () => {
  it("shows each deployment with what it has changed, the last one first", () => {
    const { environment } = deployment();
    const text = historyText([
      deployment({
        startTime: "2026-11-30T21:00:00.000Z",
        message: "nacos: 3.1.3",
        result: "failed",
        environment: {
          "git.head": "bbbbbbbbbb",
          "git.dirty": "true",
          "ci.system": "GitLab",
          "ci.build.url": "https://ci/1",
        },
        config: nacos("nacos:v3.1.3"),
      }),
      deployment({ environment: { ...environment, "pulumi.flag.target": "set" } }),
      deployment({ kind: "destroy", environment: {}, config: {}, resourceChanges: undefined, message: "" }),
    ]);
    assert.equal(
      text,
      `
STARTED                   KIND     RESULT     CHANGES  POLICIES  COMMIT     COMMITTER
2026-11-30T21:00:00.000Z  update   failed     ~2 +1    no        bbbbbbbb+  unknown
    nacos: 3.1.3
    GitLab: https://ci/1
    nacos-platform:nacos.image: "nacos:v3.1.2" → "nacos:v3.1.3"
2026-11-30T20:00:00.000Z  update   succeeded  ~2 +1    yes       a5a28ac1   Ada
    nacos: 3.1.2
    nacos-platform:nacos.image: not set → "nacos:v3.1.2"
    nacos-platform:nacos.properties.a: not set → ["b"]
2026-11-30T20:00:00.000Z  destroy  succeeded  none     –         unknown    unknown
    `.trim() + "\n    ",
    );
    assert.equal(historyText([]), "Nothing was deployed yet.");
  });

  it("shows no value of a section that contains a secret", () => {
    assert.deepEqual(configChanges(mysql(2, "hunter1"), mysql(3, "hunter2")), []);
    assert.deepEqual(configChanges({}, mysql(3, "hunter2")), ["nacos-platform:mysql: not set → [secret]"]);
  });

  it("knows an update without a policy pack by the options that Pulumi notes", () => {
    const byVariable = deployment({ environment: { "pulumi.env.PULUMI_OPTION_POLICY_PACK": "set" } });
    const without = deployment({ environment: { "pulumi.flag.policy-pack-config": "set" } });
    const destroyed = deployment({ kind: "destroy", environment: {} });
    assert.deepEqual(withoutPack([deployment(), byVariable, without, destroyed]), [without]);
  });
});
