import { expect, test } from 'vitest';
import { MAX_STORE_DURATION_MS } from '../../lambda/storage/client.ts';
import { logoutFunction, synthTemplate } from './synth.ts';

/** What the function needs beside the store: to parse, to answer and to log, at 0.29 of a CPU. */
const ROOM_MS = 2_000;

test('the store gives up with two seconds left of the timeout of the function in the template', () => {
  const [, logout] = logoutFunction(synthTemplate());
  expect(MAX_STORE_DURATION_MS + ROOM_MS).toBeLessThanOrEqual(logout.Properties.Timeout * 1000);
});
