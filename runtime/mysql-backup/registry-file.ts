import * as fs from "node:fs";
import * as path from "node:path";
import { NO_REGISTRY } from "../../contract/registry-restore";
import { countsOf, countsText, packed, unpacked, type Registry, type RegistryCounts } from "../nacos-registry/registry";
import { fingerprint, readIfThere, type Fingerprint } from "./folder";
import { MANIFEST_FILE, parseManifest, REGISTRY_FILE, type Manifest, type RegistryEntry } from "./manifest";

/** In the folder that the steps share: what the step `registry` has exported. */
const EXPORTED = "registry.json";

/** Adds the registry to a backup that is being made. @param folder of the backup */
export async function addRegistry(work: string, folder: string, registry: Registry): Promise<void> {
  const file = path.join(folder, REGISTRY_FILE);
  fs.writeFileSync(file, packed(registry));
  noteRegistry(work, { ...(await fingerprint(file)), ...countsOf(registry) });
}

/** Notes what the manifest will say. */
export function noteRegistry(work: string, entry: RegistryEntry): void {
  fs.writeFileSync(path.join(work, EXPORTED), JSON.stringify(entry));
}

export function exportedRegistry(work: string): RegistryEntry {
  const text = readIfThere(work, EXPORTED);
  return text === undefined ? { missing: "it was not exported" } : (JSON.parse(text) as RegistryEntry);
}

/** Why a backup has no registry; undefined if it has one. */
export function missingRegistry({ registry }: Pick<Manifest, "registry">): string | undefined {
  if (registry === undefined) return "it was made before backups had one";
  return "missing" in registry ? registry.missing : undefined;
}

/** The registry of a backup, as messages tell of it. */
export function registryText(manifest: Pick<Manifest, "registry">): string {
  const missing = missingRegistry(manifest);
  return missing === undefined
    ? `a registry of ${countsText(manifest.registry as RegistryCounts)}`
    : `no registry of Nacos: ${missing}`;
}

/** A line for a backup without a registry; none if it has one. */
export function registryWarning(manifest: Pick<Manifest, "registry">): string[] {
  const missing = missingRegistry(manifest);
  return missing === undefined ? [] : [`warning: the backup ${NO_REGISTRY}: ${missing}`];
}

/**
 * The registry in the folder of a backup.
 *
 * @param manifest of a backup that has one
 * @throws Error if it is not what the manifest says
 */
export async function readRegistry(folder: string, { name, registry }: Manifest): Promise<Registry> {
  const expected = registry as Fingerprint & RegistryCounts;
  const file = path.join(folder, REGISTRY_FILE);
  if (!fs.existsSync(file)) throw new Error(`the backup ${name} is incomplete: it has no ${REGISTRY_FILE}`);
  const { bytes, sha256 } = await fingerprint(file);
  if (bytes !== expected.bytes || sha256 !== expected.sha256)
    throw new Error(`the backup ${name} was altered: its registry does not have the size and checksum of its manifest`);
  const read = unpacked(fs.readFileSync(file));
  const [found, told] = [countsOf(read), expected].map(countsText);
  if (found !== told) throw new Error(`the registry of backup ${name} has ${found}; its manifest says ${told}`);
  return read;
}

/** What is wrong with the registry of a backup; nothing if it has none. */
export async function registryFaults(folder: string): Promise<string[]> {
  const manifest = parseManifest(fs.readFileSync(path.join(folder, MANIFEST_FILE), "utf8"));
  if (missingRegistry(manifest) !== undefined) return [];
  return readRegistry(folder, manifest).then(
    () => [],
    (error: Error) => [error.message],
  );
}
