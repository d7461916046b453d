import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { IDENTITIES } from "../../../contract/identities";
import { USERS } from "../../../contract/users";
import type { PodSettings } from "../../../kube/pod";
import { step } from "../../../kube/step";
import type { Transform } from "../../../kube/transform";
import { applyContainer, applyVolumes, type NacosSchemaJob, type SchemaAccessArgs } from "./job";

export interface NacosUpgradeEndArgs extends SchemaAccessArgs {
  readonly namespace: pulumi.Input<string>;
  /** Context of the kubeconfig, with which an update waits for the end of the Job. */
  readonly kubeContext: string;
  readonly pods: PodSettings;
  /** The Job that may have frozen publishing. */
  readonly schema: NacosSchemaJob;
  /** Changes to the Job, see {@link Transform}. */
  readonly transform?: Transform<k8s.batch.v1.JobArgs>;
}

const DEADLINE_SECONDS = 900;

/**
 * Ends an upgrade from 2.x to 3.x, or the return from one that was held: publishing works again, and the database knows of
 * which series all servers are. It needs the room in the quota that the schema Job has left.
 */
export class NacosUpgradeEnd extends pulumi.ComponentResource {
  constructor(name: string, args: NacosUpgradeEndArgs, opts?: pulumi.ComponentResourceOptions) {
    super("nacos-platform:nacos:UpgradeEnd", name, {}, opts);
    step(
      name,
      {
        ...args,
        name: "nacos-upgrade-end",
        identity: IDENTITIES.upgrade,
        uid: USERS.node,
        deadlineSeconds: DEADLINE_SECONDS,
        to: [args.database.endpoint],
        marks: { "nacos-platform/config": args.schema.mark },
        pod: {
          containers: [applyContainer(args, ["end"], ["code", "credentials", "ca"])],
          volumes: applyVolumes(args.schema.code, args),
        },
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
