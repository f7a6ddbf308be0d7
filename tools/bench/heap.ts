import type { Contender } from './contenders.ts';
import { FunctionProcess, HEAP_FLAGS, type Surroundings } from './function-process.ts';
import { requests } from './requests.ts';
import type { Samples } from './statistics.ts';
import type { Store } from './stores.ts';
import { invokeAll } from './warm.ts';

/** What is measured of the heap: what is alive on it, in KB. */
export const HEAP = { alive: 'live heap, KB', growth: 'growth of it, KB' } as const;

/** Requests before the first look, so that what is made once is made. */
const BEFORE = 1_000;

/** Requests that are made at once, so that their events fill no memory. */
const BATCH = 1_000;

/**
 * Sends many requests to each contender, and compares its live heap after the first thousand with that at the end.
 * Nothing is timed, so all run at once.
 *
 * @param count the requests between the two.
 * @param progress is told how many of them are done, the contenders taken together.
 */
export async function measureHeap(
  contenders: readonly Contender[],
  surroundings: Surroundings,
  store: Store,
  count: number,
  progress: (requests: number) => void,
): Promise<Record<keyof typeof HEAP, Samples>> {
  const samples: Record<keyof typeof HEAP, Samples> = { alive: new Map(), growth: new Map() };
  let done = 0;
  await Promise.all(
    contenders.map(async (contender) => {
      const process = await FunctionProcess.start(contender, surroundings, HEAP_FLAGS);
      try {
        await invokeAll(process, await requests(store, BEFORE));
        const before = await process.liveHeap();
        for (let sent = 0; sent < count; sent += BATCH) {
          await invokeAll(process, await requests(store, BATCH));
          done += BATCH;
          progress(done);
        }
        const after = await process.liveHeap();
        samples.alive.set(contender.name, [after / 1024]);
        samples.growth.set(contender.name, [(after - before) / 1024]);
      } finally {
        await process.kill();
      }
    }),
  );
  return samples;
}
