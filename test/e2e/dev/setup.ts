import * as fs from "node:fs";
import * as path from "node:path";
import { checkout, stateRoot } from "../../../sandbox/paths";
import { dev } from "../support/environments";
import { clearing } from "../support/setup";

export const mochaHooks = clearing([dev.cluster, "e2e-half", "e2e-other"], () => {
  const ofContext = [
    path.join(checkout, "Pulumi.dev-elsewhere.yaml"),
    path.join(stateRoot, "contexts", `embedded-${dev.cluster}`),
  ];
  for (const leftover of ofContext) fs.rmSync(leftover, { recursive: true, force: true });
});
