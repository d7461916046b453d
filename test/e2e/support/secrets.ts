import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { Live } from "./environments";

interface Named {
  name: string;
  value: string;
}

interface SecretList {
  items: { metadata: { name: string }; data?: Record<string, string> }[];
}

/** Secrets whose values have another form than the passwords that the stack generates. */
const OF_ANOTHER_SHAPE = ["mysql-backup-store"];

/** Every password, token and key of the stack: the long random words in its Secrets. */
async function secretsOf({ kubectl, outputs }: Live): Promise<Named[]> {
  const list = JSON.parse(
    await kubectl(["--namespace", outputs.namespace, "get", "secrets", "-o", "json"]),
  ) as SecretList;
  const found = new Map<string, Named>();
  for (const { metadata, data } of list.items) {
    for (const [key, encoded] of Object.entries(data ?? {})) {
      if (key.endsWith(".crt")) continue; // certificates are for everyone
      const text = Buffer.from(encoded, "base64").toString();
      if (OF_ANOTHER_SHAPE.includes(metadata.name)) found.set(text, { name: `${metadata.name}.${key}`, value: text });
      // A private key's first line is the secret; its last is the public key, which is written in many places.
      const secret = key.endsWith(".key") ? text.split("\n")[1] : text;
      for (const word of secret.match(/[A-Za-z0-9+/$.=_-]{24,}/g) ?? []) {
        if (/\d/.test(word) && /[A-Z]/.test(word) && /[a-z]/.test(word))
          found.set(word, { name: `${metadata.name}.${key}`, value: word });
      }
    }
  }
  return [...found.values()];
}

/** Every place that people read or that is stored unencrypted: pods' logs, files that Nacos logs to, ConfigMaps, pod specs, outputs, Pulumi's state. */
async function writtenLogs({ kubectl, outputs, stack, clusterDir }: Live): Promise<{ place: string; text: string }[]> {
  const inNamespace = (...args: string[]) => kubectl(["--namespace", outputs.namespace, ...args]);
  const pods = (await inNamespace("get", "pods", "-o", "jsonpath={.items[*].metadata.name}")).split(" ");
  const places: { place: string; text: string }[] = [];
  for (const pod of pods) {
    places.push({
      place: `the log of pod ${pod}`,
      text: await inNamespace("logs", pod, "--all-containers", "--ignore-errors"),
    });
    if (/^nacos-\d+$/.test(pod))
      places.push({
        place: `the log files of ${pod}`,
        text: await inNamespace(
          "exec",
          pod,
          "-c",
          "nacos",
          "--",
          "bash",
          "-c",
          "find /home/nacos/logs /tmp -name '*.log*' -type f -exec cat {} +",
        ),
      });
  }
  for (const kind of ["configmaps", "pods", "statefulsets", "deployments", "jobs", "cronjobs"])
    places.push({ place: kind, text: await inNamespace("get", kind, "-o", "yaml") });
  places.push({
    place: "the stack's outputs",
    text: await stack.pulumi(["stack", "output", "--json", "--show-secrets"]),
  });
  for (const file of filesUnder(path.join(clusterDir, "pulumi", "state")))
    places.push({ place: file, text: fs.readFileSync(file, "utf8") });
  return places;
}

/** @throws AssertionError if a secret of the stack is in one of those places. */
export async function assertNoSecretIsWritten(environment: Live): Promise<void> {
  const secrets = await secretsOf(environment);
  assert.ok(secrets.length >= 6, `only ${secrets.length} secrets were found to look for`);
  const places = await writtenLogs(environment);
  assert.ok(
    places.some(({ text }) => text.includes("Nacos")),
    "the logs of Nacos were not found",
  );
  for (const { place, text } of places) {
    for (const secret of secrets) assert.ok(!text.includes(secret.value), `${secret.name} is in ${place}`);
  }
}

function filesUnder(folder: string): string[] {
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}
