import { type SaleAct, saleAct, saleId, saleList, salePut, saleResource } from '@floodgate/contracts'
import {
  defineOperation,
  jsonBody,
  NO_BODY,
  OPERATOR_ONLY,
  type Operation,
  type Refusals,
  success,
} from '@floodgate/http'
import { LANGUAGES } from '@floodgate/texts'
import { z } from '@hono/zod-openapi'
import { SALE, SALE_PUT } from './examples.ts'

const tags = ['sales']
const security = OPERATOR_ONLY
const params = z.object({ sale: saleId })
/** As in the contract, with a language that there are texts in. */
export const salePutBody = salePut.extend({
  language: z
    .enum(LANGUAGES.tags)
    .nullable()
    .default(null)
    .describe(salePut.shape.language.description ?? ''),
})

const putSale = defineOperation({
  method: 'put',
  path: '/admin/sales/{sale}',
  tags,
  summary: 'Create a sale, or change its settings; a repetition changes nothing',
  description:
    'With `version`, the one that was read, two operators do not overwrite each other; there is no `If-Match`. `closesAt` has ' +
    'to be after `opensAt`.',
  security,
  request: { params, body: jsonBody(salePutBody, SALE_PUT) },
  responses: {
    200: success('Changed, or as it was', saleResource, { example: SALE }),
    201: success('Created', saleResource, { example: SALE }),
  },
  refusals: {
    'time-past': 'a new time is in the past, and `force` is not set',
    'version-conflict': '`version` is not the current one',
  },
})

export const listSales = defineOperation({
  method: 'get',
  path: '/admin/sales',
  tags,
  summary: 'The sales that are not over, and those that closed in the last two days',
  security,
  responses: { 200: success('The sales, by id', saleList, { example: { sales: [SALE] } }) },
})

export const readSale = defineOperation({
  method: 'get',
  path: '/admin/sales/{sale}',
  tags,
  summary: 'A sale with its counts',
  security,
  request: { params },
  responses: { 200: success('The sale', saleResource, { example: SALE }) },
  refusals: { 'not-found': true },
})

const SUMMARIES: Readonly<Record<SaleAct, string>> = {
  open: 'Open a sale: those who wait are admitted from now on',
  pause: 'Pause a sale: everybody keeps the place, nobody is admitted',
  resume: 'Resume a paused sale',
  close: 'Close a sale: nobody joins or is admitted any more',
  reopen: 'Take a closed sale back',
}
const REOPEN =
  'Takes a closed sale back to `paused` while its line exists, which is for two days: everybody keeps the place. A planned `closesAt` ' +
  'is cleared. The pages of waiting buyers go on by themselves.'
const REOPEN_REFUSALS: Refusals = { 'line-gone': 'the sale closed more than two days ago' }

function actOperation(act: SaleAct): Operation {
  return defineOperation({
    method: 'post',
    path: `/admin/sales/{sale}/${act}`,
    tags,
    summary: `${SUMMARIES[act]}; repeating is fine`,
    ...(act === 'reopen' && { description: REOPEN }),
    security,
    request: { params, body: NO_BODY },
    responses: { 200: success('Done', saleResource, { example: SALE }) },
    refusals: { 'not-found': true, 'wrong-state': 'with its `state`', ...(act === 'reopen' && REOPEN_REFUSALS) },
  })
}

export const saleOperations: readonly Operation[] = [
  listSales,
  readSale,
  putSale,
  ...saleAct.options.map((act) => actOperation(act)),
]
