import type { Check } from "../check";
import { access } from "./access";
import { autoscalers } from "./autoscalers";
import { backups } from "./backups";
import { binlogs } from "./binlogs";
import { certificates } from "./certificates";
import { configurations } from "./configurations";
import { connections } from "./connections";
import { database } from "./database";
import { disruptions } from "./disruptions";
import { events } from "./events";
import { logs } from "./logs";
import { members } from "./members";
import { nodes } from "./nodes";
import { pods } from "./pods";
import { quota } from "./quota";
import { raft } from "./raft";
import { registry } from "./registry";
import { replication } from "./replication";
import { services } from "./services";
import { usage } from "./usage";
import { volumes } from "./volumes";
import { workloads } from "./workloads";

/** In the order of the report: from the cluster to what runs in it. */
export const CHECKS: readonly Check[] = [
  nodes,
  workloads,
  pods,
  events,
  usage,
  logs,
  autoscalers,
  disruptions,
  services,
  volumes,
  quota,
  replication,
  connections,
  certificates,
  backups,
  binlogs,
  members,
  raft,
  registry,
  configurations,
  database,
  access,
];
