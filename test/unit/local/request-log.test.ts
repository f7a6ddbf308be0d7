import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { formatLogLine, formatOwnResponse } from '../../../tools/local/request-log.ts';

const show = (fields: object) =>
  stripVTControlCharacters(
    formatLogLine(
      JSON.stringify({
        outcome: 'logged_out',
        status: 200,
        latency_ms: 12,
        request_id: 'Wk3bqLvHcESHA0x=',
        ...fields,
      }),
      (stack) => stack.replace('index.mjs:1:2', 'lambda/handler.ts:3:4'),
    ) ?? '',
  );

test('a request is shown in lines of 80 columns, with what its log line says of the connection', () => {
  const connection_id = '6f1c2a58-3b7d-4e0a-9c41-d2f8a5b6e713';
  const shown = show({
    connection_id,
    terminal_id: 'T-0412',
    item_exists: true,
    body_bytes: 77,
    commit: 'x',
  });
  expect(shown).toBe(
    [
      '200 logged_out                 12 ms  Wk3bqLvHcESHA0x=',
      `    connection_id=${connection_id}  terminal_id=T-0412`,
      '    item_exists=true',
    ].join('\n'),
  );
  for (const line of shown.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
});

test('a failure is shown with its cause, whose stack names the sources', () => {
  const cause = { name: 'TimeoutError', message: 'late', stack: 'at a (index.mjs:1:2)\nat b' };
  expect(show({ status: 503, outcome: 'store_unavailable', cause })).toBe(
    [
      '503 store_unavailable          12 ms  Wk3bqLvHcESHA0x=',
      '    TimeoutError: late',
      '    at a (lambda/handler.ts:3:4)',
      '    at b',
    ].join('\n'),
  );
});

test('a response of the gateway’s own is shown with its reason', () => {
  expect(stripVTControlCharacters(formatOwnResponse(404, 'Wk3bqLvHcESHA0x=', 'GET /'))).toBe(
    '404 by the gateway                    Wk3bqLvHcESHA0x=\n    GET /',
  );
});

test('a text from outside cannot write to the terminal', () => {
  expect(show({ terminal_id: 'T\n\u001b[31m\u2028\u0085' })).toContain('T\\u000a\\u001b[31m\\u2028\\u0085');
});

test.each(['hello', '{"level":"INFO"}', 'null'])('%s is not the log line of a request', (line) => {
  expect(formatLogLine(line)).toBeUndefined();
});
