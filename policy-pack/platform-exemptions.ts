import * as fs from "node:fs";
import * as path from "node:path";
import { exemptionsIn, type ExemptionsFile } from "./configuration";

/** What the platform's program needs. It is no part of the package for others. */
export const platformExemptions = JSON.parse(
  fs.readFileSync(path.join(__dirname, "exemptions.json"), "utf8"),
) as ExemptionsFile;

export const readExemptions = () => exemptionsIn(platformExemptions);
