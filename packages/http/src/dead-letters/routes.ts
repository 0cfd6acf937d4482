import {
  DEAD_LETTERS_MAX,
  type DeadLetterSummary,
  deadLetter,
  deadLetterGroups,
  deadLetterId,
  deadLetterIds,
  deadLetterPage,
  deadLettersDropped,
  deadLettersReplayed,
} from '@floodgate/contracts'
import { z } from '@hono/zod-openapi'
import { defineOperation, empty, jsonBody, type Operation, type Refusals, success } from '../openapi/operation.ts'
import { OPERATOR_ONLY } from '../openapi/security-schemes.ts'
import { queryInteger } from '../requests/query.ts'

// Whatever they are: they name something, or nothing.
const group = z.strictObject({ group: z.string() })
const letter = group.extend({ id: z.string() })

const security = OPERATOR_ONLY
const unavailable = { unavailable: 'the bus does not answer, or this process does not consume yet' } satisfies Refusals
const refusals = { 'not-found': true, ...unavailable } satisfies Refusals

const GROUP = 'order-core.saga'
const ID = '1806228035120-0'
const SUMMARY: DeadLetterSummary = {
  id: ID,
  group: GROUP,
  topic: 'floodgate.payments',
  partition: 0,
  key: '7f3b8c1e-0a4d-4e5f-8a9b-0c1d2e3f4a5b',
  type: 'payment.succeeded.v1',
  event: '0a4d7f3b-8c1e-4e5f-8a9b-0c1d2e3f4a5b',
  reason: 'There is no such order.',
  deadAt: '2027-03-28T10:00:35.120Z',
  replays: 0,
  replayReason: null,
}

export const groupsRoute = defineOperation({
  method: 'get',
  path: '/admin/dead-letters',
  summary: 'The groups of this app, and how many dead letters each has',
  security,
  responses: { 200: success('All of them', deadLetterGroups, { example: { groups: [{ group: GROUP, letters: 1 }] } }) },
  refusals: unavailable,
})
export const listRoute = defineOperation({
  method: 'get',
  path: '/admin/dead-letters/{group}',
  summary: 'Events that a group of consumers could not handle',
  security,
  request: {
    params: group,
    query: z.strictObject({
      order: z.enum(['newest', 'oldest']).default('newest'),
      limit: queryInteger(1, DEAD_LETTERS_MAX).default(DEAD_LETTERS_MAX),
      cursor: deadLetterId.optional(),
    }),
  },
  responses: { 200: success('A page of them', deadLetterPage, { example: { letters: [SUMMARY], next: null } }) },
  refusals,
})
export const readRoute = defineOperation({
  method: 'get',
  path: '/admin/dead-letters/{group}/{id}',
  summary: 'A dead letter with its content, without e-mail addresses and payment methods',
  security,
  request: { params: letter },
  responses: {
    200: success('The letter', deadLetter, {
      example: { ...SUMMARY, headers: {}, data: { amountMinor: 4_950 }, text: null },
    }),
  },
  refusals,
})
const replayRoute = defineOperation({
  method: 'post',
  path: '/admin/dead-letters/{group}/replay',
  summary: 'Hand dead letters to their group once more, oldest first; repeating it is fine',
  security,
  request: { params: group, body: jsonBody(deadLetterIds, { ids: [ID] }) },
  responses: {
    200: success('What became of each', deadLettersReplayed, {
      example: { letters: [{ id: ID, outcome: 'handled', reason: null }] },
    }),
  },
  refusals,
})
const dropRoute = defineOperation({
  method: 'post',
  path: '/admin/dead-letters/{group}/drop',
  summary: 'Give dead letters up: they are gone for good; repeating it is fine',
  security,
  request: { params: group, body: jsonBody(deadLetterIds, { ids: [ID] }) },
  responses: { 200: success('Which of them lay there', deadLettersDropped, { example: { dropped: [ID] } }) },
  refusals,
})
export const dropOneRoute = defineOperation({
  method: 'delete',
  path: '/admin/dead-letters/{group}/{id}',
  summary: 'Give a dead letter up: it is gone for good',
  security,
  request: { params: letter },
  responses: { 204: empty('It is gone') },
  refusals,
})

export const deadLetterOperations: readonly Operation[] = [
  groupsRoute,
  listRoute,
  readRoute,
  replayRoute,
  dropRoute,
  dropOneRoute,
]
