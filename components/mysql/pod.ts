import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { EXPORTER_PORT, MYSQL_PORT } from "../../contract/ports";
import type { ContainerResources, WorkloadFootprint } from "../../kube/footprint";
import { containerSecurity } from "../../kube/pod";
import { MYSQL_PATHS } from "./my-cnf";

/** The containers of a server's pod: MySQL, and the exporter of its metrics. */
export function mysqlContainers(
  images: { readonly image: pulumi.Input<string>; readonly exporterImage: pulumi.Input<string> },
  footprint: WorkloadFootprint,
): k8s.types.input.core.v1.Container[] {
  return [
    mysqlContainer(images.image, footprint.containers.mysql),
    exporterContainer(images.exporterImage, footprint.containers.exporter),
  ];
}

function mysqlContainer(image: pulumi.Input<string>, resources: ContainerResources): k8s.types.input.core.v1.Container {
  const check = (mode: string): k8s.types.input.core.v1.ExecAction => ({
    command: ["bash", "/scripts/check-mysql.sh", mode],
  });
  return {
    name: "mysql",
    image,
    command: ["bash", "/scripts/start-mysql.sh"],
    env: [{ name: "TZ", value: "UTC" }],
    ports: [{ name: "mysql", containerPort: MYSQL_PORT }],
    resources,
    securityContext: containerSecurity,
    // 30 minutes: a restart during crash recovery would only make the recovery start again.
    startupProbe: { exec: check("started"), periodSeconds: 2, timeoutSeconds: 10, failureThreshold: 900 },
    readinessProbe: { exec: check("ready"), periodSeconds: 3, timeoutSeconds: 5, failureThreshold: 5 },
    livenessProbe: { exec: check("alive"), periodSeconds: 20, timeoutSeconds: 15, failureThreshold: 6 },
    terminationMessagePolicy: "FallbackToLogsOnError",
    volumeMounts: [
      { name: "data", mountPath: MYSQL_PATHS.volume },
      { name: "run", mountPath: MYSQL_PATHS.run },
      { name: "tmp", mountPath: "/tmp" },
      { name: "config", mountPath: "/config", readOnly: true },
      { name: "scripts", mountPath: "/scripts", readOnly: true },
      { name: "init", mountPath: "/init", readOnly: true },
      { name: "credentials", mountPath: "/credentials", readOnly: true },
      { name: "tls", mountPath: MYSQL_PATHS.tls, readOnly: true },
    ],
  };
}

function exporterContainer(
  image: pulumi.Input<string>,
  resources: ContainerResources,
): k8s.types.input.core.v1.Container {
  const answers = { httpGet: { path: "/", port: "metrics" } };
  return {
    name: "exporter",
    image,
    command: ["/bin/mysqld_exporter", "--config.my-cnf=/monitor/monitor.cnf", `--web.listen-address=:${EXPORTER_PORT}`],
    ports: [{ name: "metrics", containerPort: EXPORTER_PORT }],
    resources,
    securityContext: containerSecurity,
    startupProbe: { ...answers, periodSeconds: 2, timeoutSeconds: 5, failureThreshold: 60 },
    readinessProbe: { ...answers, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 },
    livenessProbe: { ...answers, periodSeconds: 30, timeoutSeconds: 10, failureThreshold: 5 },
    terminationMessagePolicy: "FallbackToLogsOnError",
    volumeMounts: [
      { name: "run", mountPath: MYSQL_PATHS.run, readOnly: true },
      { name: "monitor", mountPath: "/monitor", readOnly: true },
    ],
  };
}
