import httpJsonBodyParser from '@middy/http-json-body-parser';
import type { Logout } from '../../../lambda/domain/logout.ts';
import { findTimeZone } from '../../../lambda/domain/time-zone.ts';
import {
  type FieldsEvent,
  type RequestFields,
  readCaller,
  readReceivedAtMs,
} from '../../../lambda/http/event.ts';
import { readBody } from '../../../lambda/http/read-body.ts';
import { readLogout } from '../../../lambda/http/read-logout.ts';
import { type PutRequest, putEvent } from '../../support/events.ts';

/** The connection of every example. */
export const ID = '9da91479-03ed-42f5-9827-e03302f1a8e7';

/** The gateway's clock in the examples. */
export const NOW_MS = Date.UTC(2026, 4, 9, 15);

/** A zone with summer time, where the dates of the examples have no offset. */
export const MADRID = findTimeZone('Europe/Madrid');

const STEPS = [readBody(), httpJsonBodyParser({ disableContentTypeCheck: true })];

/** What the handler's chain makes of an event before the logout. */
export function parseEvent(event: unknown): FieldsEvent {
  const request = { event };
  for (const { before } of STEPS) before?.(request as never);
  return request.event as FieldsEvent;
}

/** What of an event reaches the store, where callers need prove nothing. */
export function readEvent(event: unknown): Logout {
  const request = readLogout(parseEvent(event).body, MADRID, readReceivedAtMs(event));
  return { ...request, caller: readCaller(event, { requiresToken: false, requiresCertificate: false }) };
}

/** What of a request reaches the store. */
export function read(request: PutRequest): Logout {
  return readEvent(putEvent({ timeEpoch: NOW_MS, ...request }));
}

/** The fields that a body holds, before any rule is applied to them. */
export function readFields(request: PutRequest): RequestFields {
  return parseEvent(putEvent(request)).body;
}

/** A form, as a client writes it whose library encodes nothing. */
export function form(body: string | Buffer): PutRequest {
  return { body, contentType: 'application/x-www-form-urlencoded' };
}
