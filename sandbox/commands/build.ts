import { ensureImages } from "../images";
import { cacheDir } from "../paths";
import { progress } from "../progress";
import { ensureBinaries } from "../toolchain/build";
import { ensurePulumi, pulumiToBuild } from "../toolchain/pulumi";
import { clusterRecipes } from "../toolchain/recipes";
import type { Session } from "./session";

/** Toolchain and images, built or found. */
export async function build(): Promise<Session> {
  const binaries = await ensureBinaries(clusterRecipes, await pulumiToBuild());
  const tools = await ensurePulumi();
  const images = await ensureImages({ cacheDir, binaries, log: progress });
  return { binaries, images, tools };
}
