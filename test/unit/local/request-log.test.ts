import { describe, expect, test } from 'vitest';
import type { ServedRequest } from '../../../tools/local/http-exchange.ts';
import { formatRequest } from '../../../tools/local/request-log.ts';

const time = new Date(2026, 10, 24, 9, 5, 7, 42);
const line = (request: Partial<ServedRequest>) =>
  formatRequest({ requestId: 'Wk3bqLvHcESHA0x=', status: 200, code: 'logged_out', ms: 12, ...request }, time);

describe('a request is one line', () => {
  test('with what the function logs of a connection', () => {
    const logLine = {
      outcome: 'logged_out',
      request_id: 'x',
      connection_id: 'c-1',
      terminal_id: 'T-1',
      terminal_type: 'till',
    };
    expect(line({ logLine })).toBe(
      '09:05:07.042  200 logged_out                 12 ms  Wk3bqLvHcESHA0x=  connection c-1  terminal T-1 (till)',
    );
  });

  test('with the reason of a refusal', () => {
    const refused = { outcome: 'connection_not_found', request_id: 'x', connection_id: 'c-1' };
    expect(
      line({ logLine: { ...refused, failed_condition: 'locator, terminal_id', item_exists: true } }),
    ).toContain('  failed: locator, terminal_id  the item exists');
    expect(line({ logLine: { ...refused, item_exists: false } })).toContain('  there is no such item');
    expect(line({ logLine: { ...refused, invalid_fields: 'id, date_logout' } })).toContain(
      '  wrong: id, date_logout',
    );
    expect(
      line({ logLine: { ...refused, cause: { name: 'TimeoutError', message: 'late', stack: '' } } }),
    ).toContain('  cause: TimeoutError: late');
  });

  test('with what the gateway says of its own answer', () => {
    expect(line({ status: 404, code: 'not_found', ms: 0, reason: 'GET /' })).toBe(
      '09:05:07.042  404 not_found                   0 ms  Wk3bqLvHcESHA0x=  GET /',
    );
  });

  test('whatever a terminal calls itself', () => {
    const terminal_id = 'T\n\u001b[31m\u2028\u0085';
    const text = line({ logLine: { outcome: 'x', request_id: 'x', terminal_id } });
    expect(text).toContain('terminal T\\u000a\\u001b[31m\\u2028\\u0085');
  });
});

test('a long detail is cut', () => {
  expect(line({ reason: 'x'.repeat(1_000) })).toMatch(/ x{300}…$/);
});
