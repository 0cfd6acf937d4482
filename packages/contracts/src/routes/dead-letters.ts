import { z } from 'zod'
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
} from '../http/dead-letters.ts'
import { OPERATOR_ONLY } from './auth.ts'
import { defineRoute, empty, jsonBody, type Problems, success } from './define-route.ts'
import { queryInteger } from './query-integer.ts'

// Any string is valid: it need not name a group.
const group = z.strictObject({ group: z.string() })
const letter = group.extend({ id: z.string() })

const unavailable = { unavailable: 'the bus does not respond, or this process does not consume yet' } satisfies Problems
const problems = { 'not-found': true, ...unavailable } satisfies Problems

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

const countDeadLettersRoute = defineRoute({
  method: 'get',
  path: '/admin/dead-letters',
  summary: 'The groups of this app, and the number of dead letters in each',
  auth: OPERATOR_ONLY,
  role: 'viewer',
  responses: { 200: success('All groups', deadLetterGroups, { example: { groups: [{ group: GROUP, letters: 1 }] } }) },
  problems: unavailable,
})
const listDeadLettersRoute = defineRoute({
  method: 'get',
  path: '/admin/dead-letters/{group}',
  summary: 'Events that a group of consumers could not handle',
  auth: OPERATOR_ONLY,
  role: 'viewer',
  request: {
    params: group,
    query: z.strictObject({
      order: z.enum(['newest', 'oldest']).default('newest'),
      limit: queryInteger(1, DEAD_LETTERS_MAX).default(DEAD_LETTERS_MAX),
      cursor: deadLetterId.optional(),
    }),
  },
  responses: {
    200: success('A page of dead letters', deadLetterPage, { example: { letters: [SUMMARY], next: null } }),
  },
  problems,
})
const readDeadLetterRoute = defineRoute({
  method: 'get',
  path: '/admin/dead-letters/{group}/{id}',
  summary: 'A dead letter with its content, without e-mail addresses and payment methods',
  auth: OPERATOR_ONLY,
  role: 'viewer',
  request: { params: letter },
  responses: {
    200: success('The letter', deadLetter, {
      example: { ...SUMMARY, headers: {}, data: { amountMinor: 4_950 }, text: null },
    }),
  },
  problems,
})
const replayDeadLettersRoute = defineRoute({
  method: 'post',
  path: '/admin/dead-letters/{group}/replay',
  summary: 'Replay dead letters to their group, oldest first; safe to repeat',
  auth: OPERATOR_ONLY,
  role: 'operator',
  request: { params: group, body: jsonBody(deadLetterIds, { ids: [ID] }) },
  responses: {
    200: success('The outcome for each', deadLettersReplayed, {
      example: { letters: [{ id: ID, outcome: 'handled', reason: null }] },
    }),
  },
  problems,
})
const dropDeadLettersRoute = defineRoute({
  method: 'post',
  path: '/admin/dead-letters/{group}/drop',
  summary: 'Delete dead letters permanently; safe to repeat',
  auth: OPERATOR_ONLY,
  role: 'admin',
  request: { params: group, body: jsonBody(deadLetterIds, { ids: [ID] }) },
  responses: { 200: success('Which of them existed', deadLettersDropped, { example: { dropped: [ID] } }) },
  problems,
})
const dropDeadLetterRoute = defineRoute({
  method: 'delete',
  path: '/admin/dead-letters/{group}/{id}',
  summary: 'Delete a dead letter permanently',
  auth: OPERATOR_ONLY,
  role: 'admin',
  request: { params: letter },
  responses: { 204: empty('Deleted') },
  problems,
})

/** The routes of every app that consumes events. */
export const deadLetterRoutes = {
  countDeadLetters: countDeadLettersRoute,
  listDeadLetters: listDeadLettersRoute,
  readDeadLetter: readDeadLetterRoute,
  replayDeadLetters: replayDeadLettersRoute,
  dropDeadLetters: dropDeadLettersRoute,
  dropDeadLetter: dropDeadLetterRoute,
}
