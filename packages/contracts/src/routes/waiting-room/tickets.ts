import { z } from 'zod'
import { joinKey } from '../../http/order-core.ts'
import { extensionRequest, joinAnswer, ticketStatus } from '../../http/waiting-room.ts'
import { saleId } from '../../scalars.ts'
import { BUYER } from '../auth.ts'
import { defineRoute, empty, jsonBody, NO_BODY, type Problems, success } from '../define-route.ts'
import { EXTENDED, JOINED, STATUS } from './examples.ts'

const params = z.object({ sale: saleId })
const tags = ['line']
const problems: Problems = { 'not-found': true, 'ticket-missing': true, 'ticket-invalid': true }
const originRefused: Problems = { 'origin-refused': 'a page of another site sent it' }
const setCookie = { 'Set-Cookie': 'The ticket of this sale, and for a new buyer its own cookie' }

export const joinRoute = defineRoute({
  method: 'post',
  path: '/sales/{sale}/tickets',
  tags,
  summary: 'Join the line of a sale, or find the place one has',
  description:
    'The cookies of the buyer, a ticket as bearer or an `Idempotency-Key` name the buyer; without any it is a new one. ' +
    'Sets the cookie of the ticket, for this sale, and for a new buyer its own.',
  auth: ['none', ...BUYER],
  request: { params, headers: z.object({ 'idempotency-key': joinKey.optional() }), body: NO_BODY },
  responses: {
    200: success('The place the buyer has', joinAnswer, { headers: setCookie, example: JOINED }),
    201: success('A new place', joinAnswer, { headers: setCookie, example: JOINED }),
  },
  problems: {
    'not-found': true,
    'ticket-invalid': true,
    ...originRefused,
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
  summary: 'How a buyer stands in the line',
  description:
    'Earlier than half of `pollAfterMs` it gets the last answer again, with what is left of the interval; after ten of ' +
    'those (`POLLS_EARLY_MAX`) 429.',
  auth: BUYER,
  request: { params },
  responses: { 200: success('How the buyer stands', ticketStatus, { example: STATUS }) },
  problems: { ...problems, 'too-many-requests': 'polls of this ticket' },
})

export const leaveRoute = defineRoute({
  method: 'delete',
  path: '/sales/{sale}/ticket',
  tags,
  summary: 'Leave the line, or give the turn back; repeating it is fine',
  auth: BUYER,
  request: { params },
  responses: {
    204: empty('Out of the line, or the slot given back', { 'Set-Cookie': 'Clears the cookie of the ticket' }),
  },
  problems: { ...problems, ...originRefused },
})

export const watchTicketRoute = defineRoute({
  method: 'get',
  path: '/sales/{sale}/live',
  tags,
  summary: 'WebSocket: how a buyer stands, now and on every change',
  auth: ['ticketProtocol', 'buyerCookie', 'ticketCookie'],
  request: { params },
  responses: { 101: { description: 'WebSocket `floodgate.v1`: the same message as the poll, on change' } },
  problems: {
    ...problems,
    'origin-refused': 'the page of this origin may not',
    'upgrade-required': true,
    'too-many-sockets': 'this ticket or this address has as many as it may',
    busy: 'this process has as many sockets as it may, or is overloaded',
  },
})

export const extendTurnRoute = defineRoute({
  method: 'post',
  path: '/sales/{sale}/ticket/extension',
  tags,
  summary: "Make the buyer's turn a minute longer",
  description:
    'While the turn lasts, no order is placed in it, and the sale allows it (`extensionsMax`). The admissions that the buyer has stay good ' +
    'until their own end. Repeating a number changes nothing.',
  auth: BUYER,
  request: { params, body: jsonBody(extensionRequest, { number: 1 }) },
  responses: {
    200: success('The turn as it is now, with an admission that lasts as long', ticketStatus, { example: EXTENDED }),
  },
  problems: {
    'not-found': true,
    'ticket-missing': true,
    'ticket-invalid': true,
    'origin-refused': 'a page of another site sent it',
    'no-turn': true,
    'turn-has-order': true,
    'extensions-used': true,
    'extensions-off': true,
    'too-many-requests': 'requests of this ticket for more time',
  },
})
