import * as fs from "node:fs";
import * as path from "node:path";
import { stringify } from "yaml";
import { run } from "../exec";
import { writeAtomically } from "../paths";
import { Cluster, network } from "./cluster";

interface Identity {
  file: string;
  subject: string;
  names: string[];
}

/** Creates the cluster's CA, and every component's certificate and kubeconfig. Does nothing if they exist. */
export async function ensurePki(cluster: Cluster): Promise<void> {
  const done = path.join(cluster.pkiDir, "done");
  if (fs.existsSync(done)) return;
  fs.rmSync(cluster.pkiDir, { recursive: true, force: true });
  fs.mkdirSync(cluster.pkiDir, { recursive: true, mode: 0o700 });
  const openssl = (...args: string[]) => run("openssl", args, { cwd: cluster.pkiDir });
  await openssl(
    "req",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-keyout",
    "ca.key",
    "-out",
    "ca.crt",
    "-days",
    "3650",
    "-subj",
    `/CN=${cluster.spec.name}-ca`,
  );
  await Promise.all(identities(cluster).map((identity) => issue(cluster, identity)));
  await openssl("genrsa", "-out", "service-accounts.key", "2048");
  await openssl("rsa", "-in", "service-accounts.key", "-pubout", "-out", "service-accounts.pub");
  for (const user of [
    "controller-manager",
    "scheduler",
    "proxy",
    ...cluster.nodeNumbers.map((node) => cluster.nodeName(node)),
  ]) {
    writeKubeconfig(
      cluster,
      user,
      path.join(cluster.pkiDir, `${user}.kubeconfig`),
      `https://${network.controlPlane}:6443`,
    );
  }
  writeKubeconfig(
    cluster,
    "admin",
    path.join(cluster.pkiDir, "admin.kubeconfig"),
    `https://${network.controlPlane}:6443`,
  );
  writeKubeconfig(cluster, "admin", cluster.kubeconfig, `https://127.0.0.1:${cluster.spec.apiPort}`);
  fs.writeFileSync(done, "");
}

function identities(cluster: Cluster): Identity[] {
  return [
    {
      file: "apiserver",
      subject: "/CN=kube-apiserver",
      names: [
        "DNS:kubernetes",
        "DNS:kubernetes.default",
        "DNS:kubernetes.default.svc",
        "DNS:kubernetes.default.svc.cluster.local",
        "DNS:localhost",
        "IP:127.0.0.1",
        `IP:${network.controlPlane}`,
        `IP:${network.kubernetesService}`,
      ],
    },
    { file: "admin", subject: "/O=system:masters/CN=admin", names: ["DNS:admin"] },
    { file: "controller-manager", subject: "/CN=system:kube-controller-manager", names: ["DNS:controller-manager"] },
    { file: "scheduler", subject: "/CN=system:kube-scheduler", names: ["DNS:scheduler"] },
    { file: "proxy", subject: "/CN=system:kube-proxy", names: ["DNS:proxy"] },
    { file: "front-proxy", subject: "/CN=front-proxy", names: ["DNS:front-proxy"] },
    ...cluster.nodeNumbers.map((node) => ({
      file: cluster.nodeName(node),
      subject: `/O=system:nodes/CN=system:node:${cluster.nodeName(node)}`,
      names: [`DNS:${cluster.nodeName(node)}`, `IP:${network.node(node)}`],
    })),
  ];
}

async function issue(cluster: Cluster, { file, subject, names }: Identity): Promise<void> {
  const extensions = path.join(cluster.pkiDir, `${file}.ext`);
  fs.writeFileSync(extensions, `subjectAltName=${names.join(",")}\nextendedKeyUsage=serverAuth,clientAuth\n`);
  await run(
    "openssl",
    ["req", "-newkey", "rsa:2048", "-nodes", "-keyout", `${file}.key`, "-out", `${file}.csr`, "-subj", subject],
    { cwd: cluster.pkiDir },
  );
  const serial = `0x${Buffer.from(file).toString("hex")}`;
  await run(
    "openssl",
    [
      "x509",
      "-req",
      "-in",
      `${file}.csr`,
      "-CA",
      "ca.crt",
      "-CAkey",
      "ca.key",
      "-set_serial",
      serial,
      "-days",
      "3650",
      "-out",
      `${file}.crt`,
      "-extfile",
      extensions,
    ],
    { cwd: cluster.pkiDir },
  );
}

function writeKubeconfig(cluster: Cluster, user: string, file: string, server: string): void {
  const base64 = (name: string) => fs.readFileSync(path.join(cluster.pkiDir, name)).toString("base64");
  const { context } = cluster;
  writeAtomically(
    file,
    stringify({
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name: context, cluster: { server, "certificate-authority-data": base64("ca.crt") } }],
      users: [
        {
          name: context,
          user: { "client-certificate-data": base64(`${user}.crt`), "client-key-data": base64(`${user}.key`) },
        },
      ],
      contexts: [{ name: context, context: { cluster: context, user: context } }],
      "current-context": context,
    }),
    0o600,
  );
}
