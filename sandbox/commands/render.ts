import * as fs from "node:fs";
import * as path from "node:path";
import { stringify } from "yaml";
import { manifestsOf, type Plan } from "../deploy/manifests";
import { Options } from "../options";
import { checkout } from "../paths";
import { preview } from "./preview";

/** Writes the objects of a stack as plain manifests, if its preview passes the policy pack. No secret exists in that preview. */
export async function render(options: Options): Promise<void> {
  const folder = path.join(checkout, "rendered", options.stack);
  await preview(options, (plan, said) => {
    const { files, left } = manifestsOf(JSON.parse(plan) as Plan);
    const unfinished = `${folder}.${process.pid}`;
    for (const [file, object] of Object.entries(files)) {
      fs.mkdirSync(path.dirname(path.join(unfinished, file)), { recursive: true });
      fs.writeFileSync(path.join(unfinished, file), stringify(object, { lineWidth: 0 }));
    }
    fs.rmSync(folder, { recursive: true, force: true });
    fs.renameSync(unfinished, folder);
    console.log(said.slice(said.indexOf("Policies:"), said.indexOf("Resources:")));
    console.log(
      `${Object.keys(files).length} files are in ${path.relative(process.cwd(), folder)}; docs/gitops.md says how to apply them.`,
    );
    for (const object of left) console.log(`Create yourself: ${object}`);
  });
}
