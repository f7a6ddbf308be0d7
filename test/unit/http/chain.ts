import middy from '@middy/core';
import httpJsonBodyParser from '@middy/http-json-body-parser';
import type { Logout } from '../../../lambda/domain/logout.ts';
import { type TimeZone, timeZone } from '../../../lambda/domain/time-zone.ts';
import { callerOf, type GatewayEvent, receivedAtMs, toEvent } from '../../../lambda/http/event.ts';
import { readBody } from '../../../lambda/http/read-body.ts';
import { readLogout } from '../../../lambda/http/read-logout.ts';
import { type PutRequest, putEvent } from '../../support/events.ts';

/** The connection of every example. */
export const ID = '9da91479-03ed-42f5-9827-e03302f1a8e7';

/** The gateway's clock in the examples. */
export const NOW_MS = Date.UTC(2026, 4, 9, 15);

/** A zone with summer time, where the dates of the examples have no offset. */
export const MADRID = timeZone('Europe/Madrid');

const context = { getRemainingTimeInMillis: () => 6_000, awsRequestId: 'the-functions-own' } as never;

/** Runs what the handler chains before the write, and then the step. */
function chain<Result>(step: (event: GatewayEvent) => Result): (event: unknown) => Promise<Result> {
  const handler = middy<GatewayEvent, Result>({ timeoutEarlyInMillis: 0 })
    .use(readBody())
    .use(httpJsonBodyParser({ disableContentTypeCheck: true }))
    .handler(async (event) => step(event as GatewayEvent));
  return (event) => handler(toEvent(event) as never, context);
}

/** What of an event reaches the store, where callers need prove nothing. */
export function readEvent(event: unknown, zone: TimeZone = MADRID): Promise<Logout> {
  const requirements = { requiresToken: false, requiresCertificate: false };
  return chain((read) => readLogout(read.body, zone, receivedAtMs(read), callerOf(read, requirements)))(
    event,
  );
}

/** What of a request reaches the store. */
export function read(request: PutRequest, zone?: TimeZone): Promise<Logout> {
  return readEvent(putEvent({ timeEpoch: NOW_MS, ...request }), zone);
}

/** The fields that a body holds, before any rule is applied to them. */
export function fieldsOf(request: PutRequest): Promise<unknown> {
  return chain(({ body }) => body)(putEvent(request));
}

/** A form, as a client writes it whose library encodes nothing. */
export function form(body: string | Buffer): PutRequest {
  return { body, contentType: 'application/x-www-form-urlencoded' };
}
