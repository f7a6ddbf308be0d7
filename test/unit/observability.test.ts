import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { causeOf, METRIC_NAMESPACE, milliseconds, RequestLog } from '../../lambda/observability.ts';

let written: string[];

beforeEach(() => {
  written = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    written.push(String(chunk));
    return true;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** The line of one request. */
function lineOf(
  fields: Parameters<RequestLog['add']>[0],
  log = new RequestLog('test'),
): Record<string, unknown> {
  log.start();
  log.add(fields);
  log.write();
  return JSON.parse(written.at(-1) ?? '');
}

describe('a request', () => {
  test('is one line of JSON', () => {
    lineOf({ outcome: 'logged_out', terminal_id: 'a\nb\u2028' });
    expect(written).toHaveLength(1);
    expect(written[0]?.indexOf('\n')).toBe((written[0]?.length ?? 0) - 1);
  });

  test('is logged with the fields that on-call sees', () => {
    const fields = {
      outcome: 'store_unavailable',
      status: 503,
      request_id: 'R-1',
      connection_id: 'C-1',
      terminal_id: 'T-1',
      terminal_type: 'till',
      failed_condition: 'locator',
      item_exists: true,
      invalid_fields: 'id',
      store_latency_ms: 3.5,
      store_attempts: 3,
    };
    expect(lineOf(fields)).toMatchObject({ ...fields, stage: 'test', level: 'warn', cold_start: true });
    expect(lineOf(fields)).toMatchObject({
      latency_ms: expect.any(Number),
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    });
  });

  test('is logged with no field that is not allowed, whoever adds it', () => {
    const leaks = {
      body: 'MARK',
      message: 'MARK',
      id_user: 'MARK',
      headers: { authorization: 'MARK' },
      MARK: 'MARK',
    };
    lineOf({ outcome: 'logged_out', status: 200, ...leaks });
    expect(written.join('')).not.toContain('MARK');
  });

  test.each([
    [200, 'info'],
    [400, 'info'],
    [404, 'info'],
    [409, 'info'],
    [413, 'info'],
    [415, 'info'],
    [500, 'error'],
    [503, 'warn'],
  ])('of status %i has the level %s', (status, level) => {
    expect(lineOf({ status })).toMatchObject({ level });
  });

  test('says whether it is the first of its environment', () => {
    const log = new RequestLog('test');
    expect([lineOf({}, log), lineOf({}, log), lineOf({}, log)].map((line) => line.cold_start)).toEqual([
      true,
      false,
      false,
    ]);
  });

  test('keeps nothing of the one before', () => {
    const log = new RequestLog('test');
    lineOf(
      { request_id: 'R-1', connection_id: 'MARK', store_latency_ms: 1, cause: causeOf(new Error()) },
      log,
    );
    const line = lineOf({ request_id: 'R-2' }, log);
    expect(line).not.toHaveProperty('connection_id');
    expect(line).not.toHaveProperty('cause');
    expect(line).not.toHaveProperty('store_latency_ms');
  });

  test('may have fields that turn out to be unknown', () => {
    expect(lineOf({ terminal_id: undefined })).not.toHaveProperty('terminal_id');
  });
});

describe('the metric of a request', () => {
  const metricOf = (line: Record<string, unknown>) =>
    (line._aws as { CloudWatchMetrics: unknown[] }).CloudWatchMetrics;
  const requests = { Name: 'requests', Unit: 'Count' };
  const latency = { Name: 'store_latency_ms', Unit: 'Milliseconds' };

  test('is a count by stage and outcome, and the latency of the store, in the embedded metric format', () => {
    const line = lineOf({ outcome: 'logged_out', status: 200, store_latency_ms: 4.2 });
    expect(metricOf(line)).toEqual([
      { Namespace: METRIC_NAMESPACE, Dimensions: [['stage', 'outcome']], Metrics: [requests, latency] },
    ]);
    expect(line).toMatchObject({ requests: 1, store_latency_ms: 4.2, stage: 'test', outcome: 'logged_out' });
  });

  test('has no latency of the store where the store was not asked', () => {
    const line = lineOf({ outcome: 'malformed_body', status: 400 });
    expect(metricOf(line)).toMatchObject([{ Metrics: [requests] }]);
  });

  test('has the time of the line', () => {
    const line = lineOf({ outcome: 'logged_out' });
    const { Timestamp } = line._aws as { Timestamp: number };
    expect(new Date(Timestamp).toISOString()).toBe(line.timestamp);
    expect(Math.abs(Date.now() - Timestamp)).toBeLessThan(1_000);
  });

  test('names nothing that the line does not hold', () => {
    const line = lineOf({ outcome: 'repeated', status: 200, store_latency_ms: 1 });
    for (const name of ['stage', 'outcome', 'requests', 'store_latency_ms'])
      expect(line).toHaveProperty(name);
  });
});

describe('the cause of a fault', () => {
  test('is its name and the frames of its stack, without the message, which may quote a request', () => {
    const cause = causeOf(new SyntaxError('Unexpected token in "MARK"'));
    expect(cause).toEqual({
      name: 'SyntaxError',
      stack: expect.stringMatching(/^at .*observability\.test\.ts/),
    });
    expect(JSON.stringify(cause)).not.toContain('MARK');
  });

  test('has no line of the message among the frames, although it looks like one', () => {
    expect(JSON.stringify(causeOf(new Error('x\n    at MARK (MARK:1:1)')))).not.toContain('MARK');
  });

  test('of AWS has its message and its status', () => {
    const error = Object.assign(new Error('Rate exceeded'), {
      name: 'ThrottlingException',
      $fault: 'client',
      $metadata: { httpStatusCode: 400, attempts: 3 },
    });
    expect(causeOf(error)).toMatchObject({
      name: 'ThrottlingException',
      message: 'Rate exceeded',
      status: 400,
    });
  });

  test('of the operating system has its message', () => {
    const error = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:8000'), { code: 'ECONNREFUSED' });
    expect(causeOf(error)).toMatchObject({ name: 'Error', message: 'connect ECONNREFUSED 127.0.0.1:8000' });
  });

  test.each([['text'], [undefined], [null], [{ message: 'MARK' }]])(
    'may be what is no error: %j',
    (thrown) => {
      expect(causeOf(thrown)).toEqual({ name: typeof thrown, stack: '' });
    },
  );
});

test('time is told in milliseconds, to a tenth', () => {
  const elapsed = milliseconds(performance.now() - 12.345);
  expect(elapsed).toBeGreaterThanOrEqual(12.3);
  expect(elapsed * 10).toBeCloseTo(Math.round(elapsed * 10));
});
