import { randomUUID } from 'node:crypto'
import { text } from 'node:stream/consumers'
import { type EventOf, problemBody, type StockChange, type StockLevel, stockChange } from '@floodgate/contracts'
import { eventually } from '@floodgate/testkit'
import { expect } from 'vitest'
import { WebSocket } from 'ws'

export const lamp = (available: number, unsold = available): StockLevel => ({ sku: 'lamp', available, unsold })
export const newSale = (): string => `sale-${randomUUID().slice(0, 8)}`
export const stockPathOf = (sale: string): string => `/live/sales/${sale}/stock`

/** Builds the event of a reading. A whole one names every item of the sale. */
export function reading(
  sale: string,
  version: number,
  items: readonly StockLevel[],
  { isWhole = false, skus = items.length }: { isWhole?: boolean; skus?: number } = {},
): EventOf<'sale.stock.v1'> {
  const at = new Date(version).toISOString()
  const supply = items.some(({ available }) => available > 0) ? 'available' : 'sold-out'
  const complete = isWhole ? { completeSince: version } : {}
  const data: EventOf<'sale.stock.v1'>['data'] = { sale, supply, items: [...items], skus, ...complete, at }
  return { type: 'sale.stock.v1', id: randomUUID(), source: '/test', time: at, aggregateVersion: version, data }
}

let addresses = 0
/** For notifiers behind a proxy: each socket of a test comes from another address. */
function anotherAddress(): string {
  addresses += 1
  return `192.0.2.${addresses}`
}

export interface WatchedStock {
  /** 101, or the status that rejected it. */
  readonly status: number | undefined
  /** The problem that rejected it. */
  readonly problem: Readonly<Record<string, unknown>> | undefined
  readonly messages: readonly StockChange[]
  close(): void
}

/** Watches a stock; resolves with its first message, or once it is rejected. */
export async function watchStock(
  origin: string,
  sale: string,
  { query = '', headers = {} }: { query?: string; headers?: Readonly<Record<string, string>> } = {},
): Promise<WatchedStock> {
  const socket = new WebSocket(
    `${origin.replace('http', 'ws')}${stockPathOf(sale)}/changes${query}`,
    ['floodgate.v1'],
    { headers: { 'x-forwarded-for': anotherAddress(), ...headers } },
  )
  const messages: StockChange[] = []
  socket.on('message', (data) => messages.push(stockChange.parse(JSON.parse(String(data)))))
  const opened = Promise.withResolvers<Pick<WatchedStock, 'status' | 'problem'>>()
  socket.on('open', () => opened.resolve({ status: 101, problem: undefined }))
  socket.on('unexpected-response', async (_, response) => {
    const problem = problemBody.parse(JSON.parse(await text(response)))
    opened.resolve({ status: response.statusCode, problem })
  })
  socket.on('error', () => undefined)
  const { status, problem } = await opened.promise
  if (status === 101) await eventually(() => expect(messages).not.toEqual([]))
  return { status, problem, messages, close: () => socket.terminate() }
}
