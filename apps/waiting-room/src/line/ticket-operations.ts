import { joinAnswer, joinKey, saleId, ticketStatus } from '@floodgate/contracts'
import { defineOperation, empty, NO_BODY, type Operation, type Refusals, success } from '@floodgate/http'
import { z } from '@hono/zod-openapi'
import { BUYER } from '../tokens/identify.ts'
import { JOINED, STATUS } from './examples.ts'

const params = z.object({ sale: saleId })
const tags = ['line']
const refusals: Refusals = { 'not-found': true, 'ticket-missing': true, 'ticket-invalid': true }
const originRefused: Refusals = { 'origin-refused': 'a page of another site sent it' }
const setCookie = { 'Set-Cookie': 'The ticket of this sale, and for a new buyer its own cookie' }

const join = defineOperation({
  method: 'post',
  path: '/sales/{sale}/tickets',
  tags,
  summary: 'Join the line of a sale, or find the place one has',
  description:
    'The cookies of the buyer, a ticket as bearer or an `Idempotency-Key` name the buyer; without any it is a new one. ' +
    'Sets the cookie of the ticket, for this sale, and for a new buyer its own.',
  security: [{}, ...BUYER],
  request: { params, headers: z.object({ 'idempotency-key': joinKey.optional() }), body: NO_BODY },
  responses: {
    200: success('The place the buyer has', joinAnswer, { headers: setCookie, example: JOINED }),
    201: success('A new place', joinAnswer, { headers: setCookie, example: JOINED }),
  },
  refusals: {
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

const poll = defineOperation({
  method: 'get',
  path: '/sales/{sale}/ticket',
  tags,
  summary: 'How a buyer stands in the line',
  description:
    'Earlier than half of `pollAfterMs` it gets the last answer again, with what is left of the interval; after ten of ' +
    'those (`POLLS_EARLY_MAX`) 429.',
  security: BUYER,
  request: { params },
  responses: { 200: success('How the buyer stands', ticketStatus, { example: STATUS }) },
  refusals: { ...refusals, 'too-many-requests': 'polls of this ticket' },
})

const leave = defineOperation({
  method: 'delete',
  path: '/sales/{sale}/ticket',
  tags,
  summary: 'Leave the line, or give the turn back; repeating it is fine',
  security: BUYER,
  request: { params },
  responses: {
    204: empty('Out of the line, or the slot given back', { 'Set-Cookie': 'Clears the cookie of the ticket' }),
  },
  refusals: { ...refusals, ...originRefused },
})

const live = defineOperation({
  method: 'get',
  path: '/sales/{sale}/live',
  tags,
  summary: 'WebSocket: how a buyer stands, now and on every change',
  security: [{ ticketProtocol: [] }, { buyerCookie: [] }, { ticketCookie: [] }],
  request: { params },
  responses: { 101: { description: 'WebSocket `floodgate.v1`: the same message as the poll, on change' } },
  refusals: {
    ...refusals,
    'origin-refused': 'the page of this origin may not',
    'upgrade-required': true,
    'too-many-sockets': 'this ticket or this address has as many as it may',
    busy: 'this process has as many sockets as it may, or is overloaded',
  },
})

export const ticketOperations: readonly Operation[] = [join, poll, leave, live]
