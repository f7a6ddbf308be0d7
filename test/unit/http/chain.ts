import middy from '@middy/core';
import type { Logout } from '../../../lambda/domain/logout.ts';
import { type TimeZone, timeZone } from '../../../lambda/domain/time-zone.ts';
import { asEvent, type GatewayEvent } from '../../../lambda/http/event.ts';
import { parseBody } from '../../../lambda/http/parse-body.ts';
import { readBody } from '../../../lambda/http/read-body.ts';
import { validate } from '../../../lambda/http/validate.ts';
import { type PutRequest, putEvent } from '../../support/events.ts';

/** The connection of every example. */
export const ID = '9da91479-03ed-42f5-9827-e03302f1a8e7';

/** A zone with summer time, where the dates of the examples have no offset. */
export const MADRID = timeZone('Europe/Madrid');

const context = { getRemainingTimeInMillis: () => 6_000, awsRequestId: 'the-functions-own' } as never;

/** All that comes before the write, as the handler chains it: what of an event reaches the store. */
export function readEvent(event: unknown, zone: TimeZone = MADRID): Promise<Logout> {
  const handler = middy<GatewayEvent>({ timeoutEarlyInMillis: 0 })
    .use(readBody())
    .use(parseBody())
    .use(validate(zone))
    .handler(async ({ body }) => body);
  return handler(asEvent(event) as GatewayEvent, context) as Promise<Logout>;
}

/** What of a request reaches the store. */
export function read(request: PutRequest, zone?: TimeZone): Promise<Logout> {
  return readEvent(putEvent(request), zone);
}

/** The fields that a body holds, before any rule is applied to them. */
export async function fieldsOf(request: PutRequest): Promise<Record<string, unknown>> {
  const handler = middy<GatewayEvent>({ timeoutEarlyInMillis: 0 })
    .use(readBody())
    .use(parseBody())
    .handler(async ({ body }) => body);
  return (await handler(putEvent(request) as GatewayEvent, context)) as Record<string, unknown>;
}

/** A form, as a client writes it whose library encodes nothing. */
export function form(body: string | Buffer): PutRequest {
  return { body, contentType: 'application/x-www-form-urlencoded' };
}
