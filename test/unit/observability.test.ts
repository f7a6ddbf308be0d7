import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { elapsedMs, type LogFields, RequestLog, serializeError } from '../../lambda/observability.ts';

/** The line of one request, as it is written. */
function writeLine(fields: LogFields): string {
  const log = new RequestLog({ stage: 'test' });
  log.add(fields);
  return log.line();
}

/** The line of one request, as it is read. */
function readLine(fields: LogFields): Record<string, unknown> {
  return JSON.parse(writeLine(fields));
}

describe('the log line', () => {
  test('holds what was added to it', () => {
    const fields = { outcome: 'store_unavailable', status: 503, item_exists: true, date_skew_s: -1.5 };
    expect(readLine(fields)).toMatchObject({ ...fields, stage: 'test', level: 'warn' });
  });

  test('has a timestamp and the time since the request came', () => {
    const { timestamp, latency_ms } = readLine({});
    expect(timestamp).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
    expect(latency_ms).toEqual(expect.any(Number));
  });

  test('is one line, whatever a text holds', () => {
    const terminal_id = 'a\nb\r\u0085\u2028\u2029';
    const text = writeLine({ terminal_id });
    expect(text).toMatch(/^[^\n\r\u0085\u2028\u2029]*\n$/);
    expect(text).toContain('\\u0085\\u2028\\u2029');
    expect(JSON.parse(text)).toMatchObject({ terminal_id });
  });

  test('leaves out a field that is not one of its own', () => {
    const leaks = { body: 'MARK', message: 'MARK', id_user: 'MARK', headers: { authorization: 'MARK' } };
    expect(writeLine({ outcome: 'logged_out', status: 200, ...leaks })).not.toContain('MARK');
  });

  test('holds the value that was added last, and no field without one', () => {
    const log = new RequestLog({ terminal_id: 'T-1', terminal_type: 'till' });
    log.add({ terminal_id: 'T-2', connection_id: undefined });
    const line = JSON.parse(log.line());
    expect(line).toMatchObject({ terminal_id: 'T-2', terminal_type: 'till' });
    expect(line).not.toHaveProperty('connection_id');
  });

  test.each([
    ['256 emoji as they are', '😀'.repeat(256), '😀'.repeat(256)],
    ['257 emoji cut at 256', '😀'.repeat(257), '😀'.repeat(256)],
    ['300 KB cut at 256', 'ñ'.repeat(300_000), 'ñ'.repeat(256)],
  ])('holds a text of %s', (_length, text, expected) => {
    expect(readLine({ terminal_id: text }).terminal_id).toBe(expected);
  });

  test.each([
    [200, 'info'],
    [404, 'info'],
    [500, 'error'],
    [503, 'warn'],
    [undefined, 'error'],
  ])('of status %s has the level %s', (status, level) => {
    expect(readLine({ status })).toMatchObject({ level });
  });
});

test.each([
  [200, undefined],
  [399, undefined],
  [400, 'T-1'],
  [404, 'T-1'],
  [499, 'T-1'],
  [500, undefined],
  [503, undefined],
])(
  'the contributor of a request of status %i is %s: the terminal of a refusal, else its connection',
  (status, contributor) => {
    expect(readLine({ status, terminal_id: 'T-1', connection_id: 'C-1' }).contributor).toBe(contributor);
    expect(readLine({ status, connection_id: 'C-1' }).contributor).toBe(contributor && 'C-1');
  },
);

describe('the metric of a request', () => {
  const readMetric = (line: Record<string, unknown>) =>
    (line._aws as { CloudWatchMetrics: unknown[] }).CloudWatchMetrics;
  const requests = { Name: 'requests', Unit: 'Count' };
  const latency = { Name: 'store_latency_ms', Unit: 'Milliseconds' };

  test('is a count by stage and outcome, and the latency of the store, in the embedded metric format', () => {
    const line = readLine({ outcome: 'logged_out', status: 200, store_latency_ms: 4.2 });
    expect(readMetric(line)).toEqual([
      { Namespace: 'ConnectionLogout', Dimensions: [['stage', 'outcome']], Metrics: [requests, latency] },
    ]);
    expect(line).toMatchObject({ requests: 1, store_latency_ms: 4.2, stage: 'test', outcome: 'logged_out' });
  });

  test('has no latency of the store where the store was not called', () => {
    const line = readLine({ outcome: 'malformed_body', status: 400 });
    expect(readMetric(line)).toMatchObject([{ Metrics: [requests] }]);
  });

  test('has the time of the line', () => {
    const line = readLine({ outcome: 'logged_out' });
    const { Timestamp } = line._aws as { Timestamp: number };
    expect(new Date(Timestamp).toISOString()).toBe(line.timestamp);
  });
});

describe('the cause of a fault', () => {
  const known = (error: unknown) => serializeError(error, () => true);
  const unknown = (error: unknown) => serializeError(error, () => false);

  test('of known wording has name, code, message, status and the frames of the stack', () => {
    const error = Object.assign(new Error('Rate exceeded'), {
      name: 'ThrottlingException',
      code: 'E',
      $metadata: { httpStatusCode: 400 },
    });
    expect(known(error)).toEqual({
      name: 'ThrottlingException',
      code: 'E',
      message: 'Rate exceeded',
      status: 400,
      stack: expect.stringMatching(/^at .*observability\.test\.ts/),
    });
  });

  test('of unknown wording has neither message nor code, which may quote a request', () => {
    const error = Object.assign(new SyntaxError('Unexpected token in "MARK"'), {
      code: 'MARK',
      $metadata: { httpStatusCode: 200 },
    });
    expect(unknown(error)).toEqual({
      name: 'SyntaxError',
      status: 200,
      stack: expect.stringMatching(/^at /),
    });
    expect(JSON.stringify(unknown(error))).not.toContain('MARK');
  });

  test.each([Error, TypeError, RangeError, SyntaxError, ReferenceError, URIError])(
    'of unknown wording keeps the name of an error of the language: $name',
    (BuiltIn) => {
      expect(unknown(new BuiltIn('MARK'))).toEqual({ name: BuiltIn.name, stack: expect.any(String) });
    },
  );

  test('of an unknown name is an UnknownError', () => {
    const error = Object.assign(new Error('MARK'), { name: 'MARK' });
    expect(unknown(error)).toEqual({ name: 'UnknownError', stack: expect.stringMatching(/^at /) });
  });

  test.each([
    ['as it is', 'x\n    at MARK (MARK:1:1)', 'x\n    at MARK (MARK:1:1)'],
    ['although the message was changed', '    at MARK (MARK:1:1)\n is not valid JSON', 'another'],
  ])('has no line of the message among the frames %s', (_case, message, changed) => {
    const error = new Error(message);
    error.message = changed;
    const { stack } = unknown(error);
    expect(stack).not.toContain('MARK');
    expect(stack).toMatch(/^at /);
  });

  test('has a message of 2 MB and a code cut at 256 characters, and a stack at 4 KB', () => {
    const error = Object.assign(new Error('x'.repeat(2_000_000)), { code: 'E'.repeat(257) });
    error.stack = `Error: ${error.message}\n    at one (a.ts:1:2)\n    at ${'y'.repeat(5_000)}`;
    const { code, message, stack } = known(error);
    expect(code).toBe('E'.repeat(256));
    expect(message).toBe('x'.repeat(256));
    expect(stack).toBe(`at one (a.ts:1:2)\nat ${'y'.repeat(4_075)}`);
  });

  test.each([['text'], [undefined], [null], [{ message: 'MARK' }]])(
    'may be something else than an error: %j',
    (thrown) => {
      expect(known(thrown)).toEqual({ name: typeof thrown, stack: '' });
    },
  );

  test('may be an error without a stack', () => {
    const error = new Error('x');
    delete error.stack;
    expect(known(error)).toEqual({ name: 'Error', message: 'x', stack: '' });
  });
});

test('elapsed time is in milliseconds, to a tenth', () => {
  const uptime = vi.spyOn(process, 'uptime').mockReturnValue(1.0123456);
  onTestFinished(() => uptime.mockRestore());
  expect(elapsedMs(1_000)).toBe(12.3);
});
