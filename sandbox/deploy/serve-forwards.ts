import * as fs from "node:fs";
import { openForward, type Forward } from "../../clients/kubernetes/forward";
import { kubeconfigFrom } from "../../clients/kubernetes/kubeconfig";

/** The process behind a stack's ports on 127.0.0.1: `serve-forwards.ts KUBECONFIG FORWARDS.json`. */
const [kubeconfig, file] = process.argv.slice(2);
for (const forward of JSON.parse(fs.readFileSync(file, "utf8")) as Forward[]) {
  openForward(kubeconfigFrom(kubeconfig), forward).catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
}
