#!/usr/bin/env node
/** Checks configurations of the rules: `npm run policy:check -- FILE…`. Pulumi passes over what it does not know. */
import * as fs from "node:fs";
import { problemsOf } from "./configuration";

const problems = process.argv
  .slice(2)
  .flatMap((file) => problemsOf(JSON.parse(fs.readFileSync(file, "utf8"))).map((problem) => `${file}: ${problem}`));
for (const problem of problems) console.error(`error: ${problem}`);
process.exitCode = problems.length > 0 ? 1 : 0;
