import assert from "node:assert/strict";
import { parted } from "../../../sandbox/deploy/preview-target";

describe("a preview without a cluster", () => {
  it("has the configuration without what only the stack's passphrase decrypts", () => {
    const secure = { secure: "v1:xxxx" };
    const config = {
      "nacos-platform:environment": "prod",
      "nacos-platform:mysql": { servers: 3, backup: { offsite: { bucket: "backups", accessKeyId: secure } } },
      "nacos-platform:placement": { tolerations: [{ key: "dedicated" }] },
    };
    assert.deepEqual(parted(config), {
      open: {
        "nacos-platform:environment": "prod",
        "nacos-platform:mysql": { servers: 3, backup: { offsite: { bucket: "backups" } } },
        "nacos-platform:placement": { tolerations: [{ key: "dedicated" }] },
      },
      secret: ["nacos-platform:mysql.backup.offsite.accessKeyId"],
    });
  });
});
