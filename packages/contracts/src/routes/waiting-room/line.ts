import { z } from 'zod'
import { board, endedPass, revocationList } from '../../http/waiting-room.ts'
import { saleId } from '../../scalars.ts'
import { BUYER, EVERYBODY } from '../auth.ts'
import { defineRoute, empty, success } from '../define-route.ts'
import { BOARD, ENDED_PASS, KEYS, REVOCATIONS } from './examples.ts'

const params = z.object({ sale: saleId })
const tags = ['line']
const etag = { ETag: 'Changes with the content' }

export const readBoardRoute = defineRoute({
  method: 'get',
  path: '/sales/{sale}/board',
  tags,
  summary: 'The public status of a line, for any number of waiters behind a cache',
  auth: EVERYBODY,
  request: { params, headers: z.object({ 'if-none-match': z.string().optional() }) },
  responses: {
    200: success('The line', board, { headers: etag, example: BOARD }),
    304: empty('Unchanged since that ETag', etag),
  },
  problems: { 'not-found': true },
})

export const readEndedPassRoute = defineRoute({
  method: 'get',
  path: '/sales/{sale}/ended-pass',
  tags,
  summary: "An expired admission, for reading and cancelling the buyer's orders in this sale",
  description:
    'The cookies of the buyer or a bearer ticket identify the buyer. The token starts no order. It does not tell whether ' +
    'an order, or the sale, exists.',
  auth: BUYER,
  request: { params },
  responses: { 200: success('The pass', endedPass, { example: ENDED_PASS }) },
  problems: {
    'ticket-missing': true,
    'ticket-invalid': true,
    'identity-revoked': 'the ID token of the ticket was revoked; a revoked account may read its orders',
  },
})

export const listRevocationsRoute = defineRoute({
  method: 'get',
  path: '/sales/{sale}/revocations',
  tags,
  summary: 'Admissions that were given back before they expired',
  description:
    'A shop that reads this each second, through caches that keep `max-age`, knows each before its slot goes to the ' +
    'next buyer. Each is listed until five minutes after its expiry, for shops whose clock is behind.',
  auth: EVERYBODY,
  request: { params },
  responses: { 200: success('Those that a shop may still take for valid', revocationList, { example: REVOCATIONS }) },
  problems: { 'not-found': true },
})

export const readKeysRoute = defineRoute({
  method: 'get',
  path: '/.well-known/jwks.json',
  tags,
  summary: 'The public keys that verify admissions (RFC 7517)',
  auth: EVERYBODY,
  responses: {
    200: success(
      'The current keys, the next and the retired ones',
      z.looseObject({ keys: z.array(z.looseObject({ kty: z.string() })) }),
      { headers: { 'Cache-Control': 'Keep them for at most `max-age`' }, example: KEYS },
    ),
  },
})
