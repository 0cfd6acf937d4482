import { z } from 'zod'
import { type StockBoard, stockBoard, stockChange } from '../../http/stock.ts'
import { saleId } from '../../scalars.ts'
import { EVERYBODY } from '../auth.ts'
import { defineRoute, empty, success } from '../define-route.ts'
import { queryInteger } from '../query-integer.ts'

const STOCK_BOARD: StockBoard = {
  sale: 'demo',
  version: 1_806_228_035_120,
  supply: 'available',
  at: '2027-03-28T10:00:35.120Z',
  items: [
    { sku: 'demo-headphones', available: 17, soldOut: false },
    { sku: 'demo-lamp', available: 0, soldOut: false },
  ],
}
const params = z.object({ sale: saleId })
const etag = { ETag: 'Changes with the content' }

export const readStockBoardRoute = defineRoute({
  method: 'get',
  path: '/live/sales/{sale}/stock',
  summary: 'What a sale has left, for any number of readers behind a cache',
  auth: EVERYBODY,
  request: { params, headers: z.object({ 'if-none-match': z.string().optional() }) },
  responses: {
    200: success('About a second old', stockBoard, { headers: etag, example: STOCK_BOARD }),
    304: empty('Unchanged since that ETag', etag),
  },
  problems: { 'not-found': 'no stock of such a sale is known', busy: true, unavailable: true },
})

/** The query of the stock's socket. */
export const watchStockQuery = z.strictObject({
  after: queryInteger(0, Number.MAX_SAFE_INTEGER)
    .optional()
    .describe('The newest version that the client has: the first message has what it missed'),
})

export const watchStockRoute = defineRoute({
  method: 'get',
  path: '/live/sales/{sale}/stock/changes',
  summary: 'WebSocket: what changes on the stock board, at most twice a second',
  description:
    'Read the board, then open the socket with its version in `after`. Apply each message whose `after` is at most your version, and read the board again otherwise: a slow client skips messages. A message has at most 100 items.',
  auth: EVERYBODY,
  request: { params, query: watchStockQuery },
  responses: {
    101: {
      description: 'WebSocket `floodgate.v1`: each message is a change',
      content: { 'application/json': { schema: stockChange } },
    },
  },
  problems: {
    'origin-refused': "the page's origin is not allowed",
    'not-found': 'no stock of such a sale is known',
    'upgrade-required': true,
    'too-many-sockets': 'this address has its maximum number of sockets',
    busy: 'this process has its maximum number of sockets, or is overloaded',
    unavailable: true,
  },
})
