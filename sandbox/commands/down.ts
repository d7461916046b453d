import { clusterDir, requireCluster } from "../cluster/cluster";
import { clusterDown, deleteClusterFiles, isRunning } from "../cluster/down";
import { UserError } from "../errors";
import { exclusively } from "../host/lock";
import { requireRoot } from "../host/prerequisites";
import { Options } from "../options";

/** Stops a cluster; deletes its files, volumes included, only if DELETE names it. */
export async function down(options: Options): Promise<void> {
  if (options.delete !== undefined && options.delete !== options.name) {
    throw new UserError(
      `DELETE=${options.delete} names another cluster than NAME=${options.name}. To delete the volumes of "${options.name}", set DELETE=${options.name}.`,
    );
  }
  requireRoot();
  if (!isRunning(options.name)) requireCluster(options.name); // a cluster that runs is stopped, even if its files were deleted by hand
  await exclusively(options.name, clusterDir(options.name), async () => {
    await clusterDown(options.name);
    if (options.delete !== undefined) deleteClusterFiles(options.name);
  });
  if (options.delete === undefined) {
    console.log(
      `Cluster "${options.name}" is down. Its volumes and its state are kept in ${clusterDir(options.name)}: \`make up\` with the same arguments (STACK, NAME, PORT_OFFSET) continues with them, \`make down NAME=${options.name} DELETE=${options.name}\` deletes them.`,
    );
  } else {
    console.log(`Cluster "${options.name}" is down, and its files are deleted.`);
  }
}
