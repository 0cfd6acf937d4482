import { z } from 'zod'
import { traceStep } from '../../http/trace.ts'
import { logPage } from '../../http/waiting-room.ts'
import { saleId, text } from '../../scalars.ts'
import { OPERATOR_ONLY } from '../auth.ts'
import { defineRoute, success } from '../define-route.ts'
import { queryInteger } from '../query-integer.ts'
import { LOG, SLOT_TRACE } from './examples.ts'

const PAGE_MAX = 1_000

const query = z
  .strictObject({
    after: z
      .string()
      .regex(/^\d{1,16}-\d{1,16}$/, 'must be the id of an entry')
      .default('0-0'),
    limit: queryInteger(1, PAGE_MAX).default(100),
    last: queryInteger(1, PAGE_MAX).optional(),
  })
  .refine(({ after, last }) => last === undefined || after === '0-0', 'last and after exclude each other')

const tags = ['sales']
const params = z.object({ sale: saleId })

export const readLogRoute = defineRoute({
  method: 'get',
  path: '/admin/sales/{sale}/log',
  tags,
  summary: "A line's log, page by page; or its newest entries",
  description:
    'Entries after `after`, oldest first, at most `limit`; or the `last` ones, whatever `limit` is. `last` and `after` exclude each ' +
    'other: 400.',
  auth: OPERATOR_ONLY,
  role: 'viewer',
  request: { params, query },
  responses: { 200: success('The log', logPage, { example: LOG }) },
  problems: { 'not-found': true },
})

export const traceSlotRoute = defineRoute({
  method: 'get',
  path: '/admin/sales/{sale}/traces/{slot}',
  tags,
  summary: 'The log of one slot: when its buyer joined, was admitted, and returned',
  auth: OPERATOR_ONLY,
  role: 'viewer',
  request: { params: params.extend({ slot: text(100) }) },
  responses: {
    200: success("The slot's way", z.strictObject({ steps: z.array(traceStep) }), { example: SLOT_TRACE }),
  },
  problems: { 'not-found': true },
})
