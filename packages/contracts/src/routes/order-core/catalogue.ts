import { z } from 'zod'
import { CATALOGUE_ITEMS_MAX, catalogueBody, catalogueResource, publicCatalogue } from '../../http/catalogue.ts'
import { ledgerCheck, stockAudit } from '../../http/stock-audit.ts'
import { saleId } from '../../scalars.ts'
import { EVERYBODY, OPERATOR_ONLY } from '../auth.ts'
import { defineRoute, empty, jsonBody, NO_BODY, success } from '../define-route.ts'
import { CATALOGUE, CATALOGUE_BODY, LEDGER, PUBLIC_CATALOGUE, STOCK } from './examples.ts'

/** The longest name takes 800 bytes in UTF-8; the rest of an item takes less than 400. */
const ITEM_BYTES_MAX = 1_200
const CATALOGUE_BYTES_MAX = CATALOGUE_ITEMS_MAX * ITEM_BYTES_MAX
const params = z.object({ sale: saleId })
const contentTag = { ETag: 'Changes with the content' }
const etag = { ETag: 'The version of the catalogue' }
const putOptions = z.strictObject({
  raiseTotals: z
    .enum(['true', 'false'])
    .optional()
    .describe('`true`: raises a `total` below what is held and sold to that number. Without it: `total-below-sold`'),
})
const ifNoneMatch = z.string().optional()

export const putCatalogueRoute = defineRoute({
  method: 'put',
  path: '/admin/sales/{sale}/catalogue',
  summary: "Replace a sale's catalogue",
  description:
    'After the response, no order is placed at an older price. With `If-Match`, the `ETag` of your last read, a catalogue that was changed meanwhile is not overwritten; `If-None-Match: *` only creates; without either the catalogue is replaced unconditionally. With `raiseTotals=true` and each `total` 0, nothing is left of any item, whatever was sold meanwhile; the response has the totals. Units of orders that end unpaid are on sale again. Each SKU may occur once.',
  auth: OPERATOR_ONLY,
  role: 'operator',
  request: {
    params,
    query: putOptions,
    headers: z.object({ 'if-match': z.string().optional(), 'if-none-match': ifNoneMatch }),
    body: jsonBody(catalogueBody, CATALOGUE_BODY),
  },
  bodyBytesMax: CATALOGUE_BYTES_MAX,
  responses: {
    200: success('Replaced', catalogueResource, { headers: etag, example: CATALOGUE }),
    201: success('Created', catalogueResource, { headers: etag, example: CATALOGUE }),
  },
  problems: {
    'total-below-sold': 'with `skus`',
    'catalogue-conflict': 'with `skus`',
    'catalogue-changed': 'read it again',
    unavailable: 'saved, and in force once the stock is rebuilt; or the database is unavailable, and nothing is saved',
  },
})

export const readCatalogueRoute = defineRoute({
  method: 'get',
  path: '/admin/sales/{sale}/catalogue',
  summary: "A sale's catalogue as stored, with the `ETag` for `If-Match`",
  auth: OPERATOR_ONLY,
  role: 'viewer',
  request: { params },
  responses: { 200: success('The catalogue', catalogueResource, { headers: etag, example: CATALOGUE }) },
  problems: { 'not-found': true },
})

export const showCatalogueRoute = defineRoute({
  method: 'get',
  path: '/sales/{sale}/catalogue',
  summary: "A sale's items and their available units",
  auth: EVERYBODY,
  request: { params, headers: z.object({ 'if-none-match': ifNoneMatch }) },
  responses: {
    200: success('At most two seconds old', publicCatalogue, { headers: contentTag, example: PUBLIC_CATALOGUE }),
    304: empty('Unchanged', contentTag),
  },
  problems: { 'not-found': true, 'too-many-requests': true },
})

export const repairStockRoute = defineRoute({
  method: 'post',
  path: '/admin/sales/{sale}/stock/repair',
  summary: 'Rebuild the stock in Redis from the ledger in Postgres; safe to repeat',
  description: 'No order of the sale is placed meanwhile. The response compares both after it.',
  auth: OPERATOR_ONLY,
  role: 'operator',
  request: { params, body: NO_BODY },
  responses: { 200: success('Both, per SKU', stockAudit, { example: STOCK }) },
  problems: { 'not-found': true, unavailable: 'Redis or the database; also when it takes longer: it continues' },
})

export const auditStockRoute = defineRoute({
  method: 'get',
  path: '/admin/sales/{sale}/stock',
  summary: 'Compare the stock and the vouchers in Redis with the ledger in Postgres',
  description:
    'While orders and claims arrive the two may differ for a moment: units and vouchers are held first, written next.',
  auth: OPERATOR_ONLY,
  role: 'viewer',
  request: { params },
  responses: { 200: success('Both, per SKU and campaign', stockAudit, { example: STOCK }) },
  problems: { 'not-found': true },
})

export const checkLedgerRoute = defineRoute({
  method: 'get',
  path: '/admin/sales/{sale}/stock/ledger',
  summary: 'Compare what the ledger counts with its orders, refunds and vouchers',
  description:
    'Reads all orders of the sale at one moment: ten to twenty seconds for a million. Orders that arrive meanwhile change nothing about it.',
  auth: OPERATOR_ONLY,
  role: 'viewer',
  request: { params },
  responses: { 200: success('The kinds of differences', ledgerCheck, { example: LEDGER }) },
  problems: { 'not-found': true, unavailable: 'the database; also when it takes longer than four minutes' },
})
