import type { Contender } from './contenders.ts';
import { FunctionProcess, type FunctionSettings, HEAP_FLAGS } from './function-process.ts';
import { loggedInRequests } from './requests.ts';
import type { Samples } from './statistics.ts';
import type { Store } from './stores.ts';

/** What is measured of the heap. */
export const HEAP_TITLES = { live: 'live heap, KB', growth: 'growth of it, KB' } as const;

/** Requests before the first measurement: what is made once is made by then. */
const WARM_UP_REQUESTS = 1_000;

/** How many events are made at once: all of them would not fit into memory. */
const BATCH_SIZE = 1_000;

/**
 * Sends many requests to each contender, and compares the live heap after a warm-up with that at the end. Nothing is
 * timed, so the contenders run at once.
 *
 * @param count the requests between the two.
 * @param onRequests is called with how many are done, of all contenders together.
 */
export async function measureHeap(
  contenders: readonly Contender[],
  settings: FunctionSettings,
  store: Store,
  count: number,
  onRequests: (done: number) => void,
): Promise<Record<keyof typeof HEAP_TITLES, Samples>> {
  const samples: Record<keyof typeof HEAP_TITLES, Samples> = { live: new Map(), growth: new Map() };
  let done = 0;
  await Promise.all(
    contenders.map(async (contender) => {
      const process = await FunctionProcess.start(contender, settings, HEAP_FLAGS);
      try {
        await process.invokeAll(await loggedInRequests(store, WARM_UP_REQUESTS));
        const before = await process.liveHeapBytes();
        for (let sent = 0; sent < count; sent += BATCH_SIZE) {
          await process.invokeAll(await loggedInRequests(store, BATCH_SIZE));
          done += BATCH_SIZE;
          onRequests(done);
        }
        const after = await process.liveHeapBytes();
        samples.live.set(contender.name, [after / 1024]);
        samples.growth.set(contender.name, [(after - before) / 1024]);
      } finally {
        await process.kill();
      }
    }),
  );
  return samples;
}
