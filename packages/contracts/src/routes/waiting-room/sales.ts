import { z } from 'zod'
import { type SaleAct, saleList, salePut, saleResource } from '../../http/waiting-room.ts'
import { saleId } from '../../scalars.ts'
import { OPERATOR_ONLY } from '../auth.ts'
import { defineRoute, jsonBody, NO_BODY, type Problems, success } from '../define-route.ts'
import { SALE, SALE_PUT } from './examples.ts'

const tags = ['sales']
const params = z.object({ sale: saleId })

export const listSalesRoute = defineRoute({
  method: 'get',
  path: '/admin/sales',
  tags,
  summary: 'The sales that are not over, and those that closed in the last two days',
  auth: OPERATOR_ONLY,
  role: 'viewer',
  responses: { 200: success('The sales, by id', saleList, { example: { sales: [SALE] } }) },
})

export const readSaleRoute = defineRoute({
  method: 'get',
  path: '/admin/sales/{sale}',
  tags,
  summary: 'A sale with its counts',
  auth: OPERATOR_ONLY,
  role: 'viewer',
  request: { params },
  responses: { 200: success('The sale', saleResource, { example: SALE }) },
  problems: { 'not-found': true },
})

export const putSaleRoute = defineRoute({
  method: 'put',
  path: '/admin/sales/{sale}',
  tags,
  summary: 'Create a sale, or change its settings; a repetition changes nothing',
  description:
    'With `version`, the one that was read, two operators do not overwrite each other; there is no `If-Match`. `closesAt` must ' +
    'be after `opensAt`.',
  auth: OPERATOR_ONLY,
  role: 'operator',
  request: { params, body: jsonBody(salePut, SALE_PUT) },
  responses: {
    200: success('Changed, or unchanged', saleResource, { example: SALE }),
    201: success('Created', saleResource, { example: SALE }),
  },
  problems: {
    'time-past': 'a new time is in the past, and `force` is not set',
    'version-conflict': '`version` is not the current one',
  },
})

const SUMMARIES: Readonly<Record<SaleAct, string>> = {
  open: 'Open a sale: waiting buyers are admitted from now on',
  pause: 'Pause a sale: buyers keep their places, none is admitted',
  resume: 'Resume a paused sale',
  close: 'Close a sale: joins and admissions end',
  reopen: 'Reopen a closed sale',
}
const REOPEN =
  'Takes a closed sale back to `paused` while its line exists, for two days: buyers keep their places. A planned `closesAt` ' +
  'is cleared. The pages of waiting buyers continue by themselves.'
const REOPEN_PROBLEMS: Problems = { 'line-gone': 'the sale closed more than two days ago' }

function actRoute<Act extends SaleAct>(act: Act) {
  return defineRoute({
    method: 'post',
    path: `/admin/sales/{sale}/${act}`,
    tags,
    summary: `${SUMMARIES[act]}; safe to repeat`,
    ...(act === 'reopen' && { description: REOPEN }),
    auth: OPERATOR_ONLY,
    role: 'operator',
    request: { params, body: NO_BODY },
    responses: { 200: success('Done', saleResource, { example: SALE }) },
    problems: { 'not-found': true, 'wrong-state': 'with its `state`', ...(act === 'reopen' && REOPEN_PROBLEMS) },
  })
}

export const saleActRoutes = {
  open: actRoute('open'),
  pause: actRoute('pause'),
  resume: actRoute('resume'),
  close: actRoute('close'),
  reopen: actRoute('reopen'),
} satisfies Record<SaleAct, unknown>
