import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseDateTime } from '../../lambda/domain/date-time.ts';
import { findTimeZone } from '../../lambda/domain/time-zone.ts';
import { findDifferences } from '../support/api-document.ts';
import { openConnection } from '../support/connections.ts';
import { send } from '../support/http.ts';
import { type LocalService, startLocalService } from '../support/local-service.ts';

/** A request that was sent to the old stack, and what this service must do, given what that stack made of it. */
interface Case {
  readonly name: string;
  readonly contentType?: string;
  readonly accept?: string;
  readonly body?: string;
  readonly bodyBase64?: string;
  readonly expect: {
    readonly status: readonly number[];
    readonly contentType?: string;
    readonly id?: string;
    readonly identity?: Readonly<Record<string, string>>;
    readonly message?: string;
    /** An instant in UTC, seven digits. */
    readonly date_logout?: string;
  };
}

const cases: Case[] = readFileSync(new URL('../legacy/cases.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line));

/** The id that the recorded requests name, where they name a readable one. */
const RECORDED_ID = '9da91479-03ed-42f5-9827-e03302f1a8e7';
const MADRID = findTimeZone('Europe/Madrid');

let service: LocalService;

beforeAll(async () => {
  service = await startLocalService({ TIME_ZONE: 'Europe/Madrid' });
});

afterAll(() => service.close());

const ticks = (text: unknown) => parseDateTime(String(text), MADRID)?.ticks;

describe('requests recorded from the old stack', () => {
  test.each(cases)('$name', async ({ contentType, accept, body, bodyBase64, expect: expected }) => {
    const item = openConnection({ id: expected.id ?? RECORDED_ID, ...expected.identity });
    await service.table.put(item);
    const sentAt = Date.now();
    const response = await send(service.url, {
      contentType,
      accept,
      body: bodyBase64 === undefined ? body : Buffer.from(bodyBase64, 'base64'),
    });
    const stored = await service.table.get(item.id);

    expect(expected.status).toContain(response.status);
    expect(findDifferences(response)).toEqual([]);
    if (response.status !== 200) {
      expect(stored).toEqual(item);
      expect(JSON.parse(response.body)).toMatchObject({ success: false });
      return;
    }
    expect(response.headers['content-type']).toBe(expected.contentType);
    expect(stored).toEqual({
      ...item,
      message: expected.message ?? item.message,
      success: true,
      date_logout: expect.any(String),
    });
    if (expected.date_logout === undefined) {
      const stamp = Number(ticks(stored?.date_logout)) / 10_000;
      expect(stamp).toBeGreaterThanOrEqual(sentAt);
      expect(stamp).toBeLessThanOrEqual(Date.now());
    } else {
      expect(ticks(stored?.date_logout)).toBe(ticks(expected.date_logout));
    }
    expect(JSON.parse(response.body)).toEqual(stored);
  });
});
