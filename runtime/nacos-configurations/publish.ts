import { ABSENT, Conflict, NotPublished, type ConfigurationsApi, type Publication } from "./api";
import type { Failed } from "./compare";
import { nameOf, PUBLIC } from "./configuration";

/** A configuration that is published again, as the step that compares has written it. */
export interface Restored {
  readonly configuration: Publication;
  /** The checksum of what it replaces; undefined if there was nothing. */
  readonly md5Now?: string;
}

export interface PublishTools {
  readonly api: Pick<ConfigurationsApi, "publish" | "servedMd5" | "tenantOf" | "isThree">;
  /** The checksum in the database, under the ID that the namespace has there. */
  readonly md5In: (tenant: string, group: string, dataId: string) => Promise<string | undefined>;
  readonly now: () => number;
  readonly pause: (milliseconds: number) => Promise<void>;
  readonly say: (line: string) => void;
}

export interface Published {
  readonly count: number;
  /** What was not published, or is not served, with the reason. */
  readonly failed: readonly Failed[];
}

type Checksum = Pick<Publication, "namespace" | "group" | "dataId" | "md5">;

const PAUSE_MS = 3000;
/** How long an unanswered request is sent again, and how long servers are asked for what was published. */
const PATIENCE_MS = 2 * 60_000;

/** Publishes one after the other, and checks what the database has and what servers give to clients. */
export async function publishAll(restored: AsyncIterable<Restored>, tools: PublishTools): Promise<Published> {
  const failed: Failed[] = [];
  const published: Checksum[] = [];
  let silence: string | undefined;
  for await (const one of restored) {
    const { namespace, group, dataId, md5 } = one.configuration;
    const name = nameOf(namespace, { group, dataId });
    try {
      if (silence !== undefined) throw new NotPublished(silence);
      await publish(one, tools);
      published.push({ namespace, group, dataId, md5 });
      tools.say(`${name}: published`);
    } catch (error) {
      const reason = (error as Error).message;
      failed.push({ name, reason });
      tools.say(`${name}: not published: ${reason}`);
      // Nacos or MySQL does not answer. Each of the others would wait as long.
      if (!(error instanceof NotPublished)) silence = reason;
    }
  }
  return { count: published.length, failed: [...failed, ...(await unserved(published, tools))] };
}

/** @throws NotPublished if Nacos refuses or somebody else has published; another error if there is no answer */
async function publish({ configuration, md5Now }: Restored, tools: PublishTools): Promise<void> {
  const { api, md5In, now, pause } = tools;
  const { namespace, group, dataId, md5 } = configuration;
  const current = (): Promise<string | undefined> => md5In(api.tenantOf(namespace), group, dataId);
  const deadline = now() + PATIENCE_MS;
  for (let attempt = 1; ; attempt++) {
    try {
      const found = await current();
      // An earlier attempt has arrived, and its answer has not.
      if (attempt > 1 && found === md5 && found !== md5Now) return;
      if (found !== md5Now) throw new Conflict();
      await api.publish(configuration, md5Now || ABSENT).catch(async (error: unknown) => {
        // In the default namespace 3.x compares its copy too, which differs if a publish has failed half-way.
        const hasCopy = api.isThree && namespace === PUBLIC;
        if (!(error instanceof Conflict) || !hasCopy || (await current()) !== md5Now) throw error;
        await api.publish(configuration, undefined);
      });
      const after = await current();
      if (after !== md5) throw new NotPublished(`the database has md5 ${after ?? "none"} afterwards, not ${md5}`);
      return;
    } catch (error) {
      if (error instanceof NotPublished || now() >= deadline) throw error;
      await pause(PAUSE_MS);
    }
  }
}

/** Servers learn of a publish one after the other. @returns those that a server does not give to clients in time */
async function unserved(published: readonly Checksum[], { api, now, pause }: PublishTools): Promise<Failed[]> {
  const deadline = now() + PATIENCE_MS;
  for (let waiting = published; ; ) {
    const late: { configuration: Checksum; served: string }[] = [];
    // That Nacos does not answer. Each of the others would wait as long.
    let silence: string | undefined;
    for (const configuration of waiting) {
      const served = silence ?? (await api.servedMd5(configuration).catch((error: Error) => (silence = error.message)));
      if (served !== configuration.md5) late.push({ configuration, served: served ?? "none" });
    }
    if (late.length === 0 || now() >= deadline)
      return late.map(({ configuration, served }) => ({
        name: nameOf(configuration.namespace, configuration),
        reason: `it is published, and a server gives something else to clients: ${served}`,
      }));
    waiting = late.map(({ configuration }) => configuration);
    await pause(PAUSE_MS);
  }
}

/** How many failures with one reason are named. */
const NAMED = 5;

/** The result, as readable text that fits into a container's last message. */
export function publishedText({ count, failed }: Published): string {
  const reasons = [...new Set(failed.map(({ reason }) => reason))];
  return [
    `${count} published`,
    ...reasons.map((reason) => {
      const names = failed.filter((one) => one.reason === reason).map(({ name }) => name);
      const rest = names.length > NAMED ? ` and ${names.length - NAMED} more` : "";
      return `${names.length} failed: ${reason}: ${names.slice(0, NAMED).join(", ")}${rest}`;
    }),
  ].join("\n");
}
