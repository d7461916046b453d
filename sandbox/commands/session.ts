import * as fs from "node:fs";
import * as path from "node:path";
import { Cluster } from "../cluster/cluster";
import { UserError } from "../errors";
import { Stack } from "../deploy/stack";
import { PLATFORM } from "../deploy/project";
import { embeddedTarget } from "../deploy/target";
import { Images } from "../images";
import { writeAtomically } from "../paths";
import { PulumiTools } from "../toolchain/pulumi";

/** What `up` resolved, kept with the cluster so that the other commands use exactly the same. */
export interface Session {
  binaries: Record<string, string>;
  images: Images;
  tools: PulumiTools;
}

const file = (cluster: Cluster) => path.join(cluster.dir, "session.json");

export function saveSession(cluster: Cluster, session: Session): void {
  writeAtomically(file(cluster), JSON.stringify(session, null, 2));
}

export function loadSession(cluster: Cluster): Session {
  if (!fs.existsSync(file(cluster)))
    throw new UserError(`cluster "${cluster.spec.name}" was never up: \`make up\` was interrupted. Run it again.`);
  return JSON.parse(fs.readFileSync(file(cluster), "utf8")) as Session;
}

export function stackOn(cluster: Cluster, session: Session, stack: string, project = PLATFORM): Stack {
  return new Stack(embeddedTarget(cluster, session.images, session.tools, project), session.tools, stack);
}
