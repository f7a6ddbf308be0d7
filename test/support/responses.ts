import assert from 'node:assert/strict';
import { FIELDS } from '../../lambda/domain/connection.ts';
import { findDifferences } from './api-document.ts';
import type { HttpResponse } from './http.ts';

/** A response that keeps the contract. */
export interface CheckedResponse {
  readonly status: number;
  readonly body: string;
  /** Absent on 200. */
  readonly code?: string;
  /** The ten fields, on 200 and on 409. */
  readonly record?: Readonly<Record<string, unknown>>;
}

/**
 * Checks that a response of the function, with the gateway's `apigw-requestid`, is one that the API document describes.
 *
 * @throws {AssertionError} when it is not.
 */
export function checkResponse(response: HttpResponse): CheckedResponse {
  assert.deepEqual(findDifferences(response), []);
  const { status, headers, body } = response;
  const { code, request_id, ...record } = JSON.parse(body);
  assert.equal(record.success, status === 200);
  if (status === 200) return { status, body, record };
  assert.equal(request_id, headers['apigw-requestid']);
  return status === 409 ? { status, body, code, record } : { status, body, code };
}

/** Makes the record that a response shows of an item with all ten values; the message may be absent. */
export function createRecord(item: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return Object.fromEntries(FIELDS.map((field) => [field, item[field] ?? null]));
}
