import { z } from 'zod'
import { joinKey } from '../../http/order-core.ts'
import { extensionRequest, joinResponse, ticketStatus } from '../../http/waiting-room.ts'
import { saleId } from '../../scalars.ts'
import { BUYER } from '../auth.ts'
import { defineRoute, empty, jsonBody, NO_BODY, type Problems, success } from '../define-route.ts'
import { EXTENDED, JOINED, STATUS } from './examples.ts'

const params = z.object({ sale: saleId })
const tags = ['line']
const problems: Problems = { 'not-found': true, 'ticket-missing': true, 'ticket-invalid': true }
const originRejected: Problems = { 'origin-refused': 'a page of another site sent the request' }
const identityRevoked: Problems = { 'identity-revoked': 'the account of the ticket, or its ID token, was revoked' }
const setCookie = { 'Set-Cookie': 'The ticket of this sale; a buyer cookie for a new buyer, or one of the account' }

export const joinRoute = defineRoute({
  method: 'post',
  path: '/sales/{sale}/tickets',
  tags,
  summary: 'Join the line of a sale, or find the place the buyer already has',
  description:
    'The cookies of the buyer, a bearer ticket or an `Idempotency-Key` identify the buyer; without any the buyer is new. ' +
    'Sets the ticket cookie of this sale, and the buyer cookie of a new buyer. Where the sale has an `identity`, an ID token in ' +
    '`Floodgate-Identity` takes precedence: its account is the buyer, with one place on all devices. Elsewhere that header ' +
    'is ignored.',
  auth: ['none', ...BUYER],
  request: {
    params,
    headers: z.object({ 'idempotency-key': joinKey.optional(), 'floodgate-identity': z.string().optional() }),
    body: NO_BODY,
  },
  responses: {
    200: success('The place the buyer already has', joinResponse, { headers: setCookie, example: JOINED }),
    201: success('A new place', joinResponse, { headers: setCookie, example: JOINED }),
  },
  problems: {
    'not-found': true,
    'ticket-invalid': true,
    'identity-required': 'the sale requires it for a new place',
    'identity-invalid': 'malformed, expired, not signed by a key of the issuer, or for another audience',
    'identity-revoked': true,
    unavailable: 'also while the keys of the issuer, or the revocations, cannot be read',
    ...originRejected,
    'sale-not-open': true,
    'sale-closed': true,
    'wrong-media-type': 'also for an empty form',
    'too-many-requests': 'new places per client address',
    'line-full': true,
  },
})

export const pollRoute = defineRoute({
  method: 'get',
  path: '/sales/{sale}/ticket',
  tags,
  summary: "The buyer's state in the line",
  description:
    'A poll before half of `pollAfterMs` gets the last response again, with the rest of the interval; after ten of ' +
    'those (`POLLS_EARLY_MAX`) 429.',
  auth: BUYER,
  request: { params },
  responses: { 200: success("The buyer's state", ticketStatus, { example: STATUS }) },
  problems: { ...problems, ...identityRevoked, 'too-many-requests': 'polls of this ticket' },
})

export const leaveRoute = defineRoute({
  method: 'delete',
  path: '/sales/{sale}/ticket',
  tags,
  summary: 'Leave the line, or give the turn back; safe to repeat',
  auth: BUYER,
  request: { params },
  responses: {
    204: empty('Out of the line, or the slot given back', { 'Set-Cookie': 'Clears the cookie of the ticket' }),
  },
  problems: {
    ...problems,
    ...originRejected,
    'identity-revoked': 'the ID token of the ticket was revoked; a revoked account may leave',
  },
})

export const watchTicketRoute = defineRoute({
  method: 'get',
  path: '/sales/{sale}/live',
  tags,
  summary: "WebSocket: the buyer's state, now and on every change",
  auth: ['ticketProtocol', 'buyerCookie', 'ticketCookie'],
  request: { params },
  responses: { 101: { description: 'WebSocket `floodgate.v1`: the same message as the poll, on change' } },
  problems: {
    ...problems,
    ...identityRevoked,
    'origin-refused': "the page's origin is not allowed",
    'upgrade-required': true,
    'too-many-sockets': 'this ticket or this address has its maximum number of sockets',
    busy: 'this process has its maximum number of sockets, or is overloaded',
  },
})

export const extendTurnRoute = defineRoute({
  method: 'post',
  path: '/sales/{sale}/ticket/extension',
  tags,
  summary: "Extend the buyer's turn by a minute",
  description:
    'While the turn lasts, no order is placed in it, and the sale allows it (`extensionsMax`). Earlier admissions of the buyer ' +
    'stay valid until they expire. Repeating a number changes nothing.',
  auth: BUYER,
  request: { params, body: jsonBody(extensionRequest, { number: 1 }) },
  responses: {
    200: success('The turn as it is now, with an admission of the same duration', ticketStatus, { example: EXTENDED }),
  },
  problems: {
    'not-found': true,
    'ticket-missing': true,
    'ticket-invalid': true,
    ...identityRevoked,
    'origin-refused': 'a page of another site sent the request',
    'no-turn': true,
    'turn-has-order': true,
    'extensions-used': true,
    'extensions-off': true,
    'too-many-requests': 'extension requests of this ticket',
  },
})
