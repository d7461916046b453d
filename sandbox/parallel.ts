/**
 * Does the work for every item, two at a time: one downloads or links while the other compiles.
 * After a failure, no other item begins. The failure is thrown when the item that is still in work has ended too.
 */
export async function inPairs<T>(items: T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const failures: unknown[] = [];
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined && failures.length === 0; item = queue.shift()) {
      await work(item).catch((error: unknown) => failures.push(error));
    }
  };
  await Promise.all([worker(), worker()]);
  if (failures.length > 0) throw failures[0];
}

/** Waits until all have ended, with or without success, so that one failure does not end the others half-way. Then throws the first failure. */
export async function together(...work: Promise<unknown>[]): Promise<void> {
  for (const result of await Promise.allSettled(work)) {
    if (result.status === "rejected") throw result.reason;
  }
}
