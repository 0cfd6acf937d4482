import {
  DEAD_LETTERS_MAX,
  deadLetter,
  deadLetterGroups,
  deadLetterId,
  deadLetterIds,
  deadLetterPage,
  deadLettersDropped,
  deadLettersReplayed,
  problemBody,
} from '@floodgate/contracts'
import { createRoute, z } from '@hono/zod-openapi'

// Whatever they are: they name something, or nothing.
const group = z.strictObject({ group: z.string() })
const letter = group.extend({ id: z.string() })
const ids = { body: { required: true, content: { 'application/json': { schema: deadLetterIds } } } }

const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: problemBody } },
})
const success = <Schema extends z.ZodType>(description: string, schema: Schema) => ({
  description,
  content: { 'application/json': { schema } },
})
const refusals = {
  400: problem('`invalid-request`'),
  401: problem('`unauthorized`'),
  503: problem('`unavailable`, with `Retry-After`: the bus does not answer, or this process does not consume yet'),
}
const notFound = problem('`not-found`')
const security = [{ operator: [] }]

export const groupsRoute = createRoute({
  method: 'get',
  path: '/admin/dead-letters',
  summary: 'The groups of this app, and how many dead letters each has',
  security,
  responses: { 200: success('All of them', deadLetterGroups), ...refusals },
})
export const listRoute = createRoute({
  method: 'get',
  path: '/admin/dead-letters/{group}',
  summary: 'Events that a group of consumers could not handle',
  security,
  request: {
    params: group,
    query: z.strictObject({
      order: z.enum(['newest', 'oldest']).default('newest'),
      limit: z.coerce.number().int().min(1).max(DEAD_LETTERS_MAX).default(DEAD_LETTERS_MAX),
      cursor: deadLetterId.optional(),
    }),
  },
  responses: { 200: success('A page of them', deadLetterPage), 404: notFound, ...refusals },
})
export const readRoute = createRoute({
  method: 'get',
  path: '/admin/dead-letters/{group}/{id}',
  summary: 'A dead letter with its content, without e-mail addresses and payment methods',
  security,
  request: { params: letter },
  responses: { 200: success('The letter', deadLetter), 404: notFound, ...refusals },
})
export const replayRoute = createRoute({
  method: 'post',
  path: '/admin/dead-letters/{group}/replay',
  summary: 'Hand dead letters to their group once more, oldest first; repeating it is fine',
  security,
  request: { params: group, ...ids },
  responses: {
    200: success('What became of each', deadLettersReplayed),
    404: notFound,
    413: problem('`too-large`'),
    415: problem('`wrong-media-type`'),
    ...refusals,
  },
})
export const dropRoute = createRoute({
  method: 'post',
  path: '/admin/dead-letters/{group}/drop',
  summary: 'Give dead letters up: they are gone for good; repeating it is fine',
  security,
  request: { params: group, ...ids },
  responses: {
    200: success('Which of them lay there', deadLettersDropped),
    404: notFound,
    413: problem('`too-large`'),
    415: problem('`wrong-media-type`'),
    ...refusals,
  },
})
export const dropOneRoute = createRoute({
  method: 'delete',
  path: '/admin/dead-letters/{group}/{id}',
  summary: 'Give a dead letter up: it is gone for good',
  security,
  request: { params: letter },
  responses: { 204: { description: 'It is gone' }, 404: notFound, ...refusals },
})
