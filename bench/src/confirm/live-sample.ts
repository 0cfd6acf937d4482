import { setTimeout as delay } from 'node:timers/promises'
import { orderPlaced, orderResource } from '@floodgate/contracts'
import type { PreparedOrder } from '../order-load/prepare-orders.ts'

const CONFIRMED_MS_MAX = 900_000

/**
 * Samples some buyers who watch: each orders, opens the notifier's socket with the response, and receives the
 * confirmation. Returns the milliseconds from the response to the news, for each; throws a failure.
 */
export async function sampleBuyers(
  orders: readonly PreparedOrder[],
  options: {
    readonly orderCore: string
    readonly notifier: string
    readonly everyMs: number
    readonly signal: AbortSignal
  },
): Promise<number[]> {
  const buyers: Promise<number>[] = []
  for (const order of orders) {
    const buyer = buyAndWatch(order, options)
    // Rethrown below, once all have been started.
    buyer.catch(() => undefined)
    buyers.push(buyer)
    await delay(options.everyMs, undefined, { signal: options.signal })
  }
  return Promise.all(buyers)
}

async function buyAndWatch(
  { admission, key, body }: PreparedOrder,
  { orderCore, notifier }: { readonly orderCore: string; readonly notifier: string },
): Promise<number> {
  const response = await fetch(`${orderCore}/orders`, {
    method: 'POST',
    headers: { authorization: `Bearer ${admission}`, 'idempotency-key': key, 'content-type': 'application/json' },
    body,
  })
  if (response.status !== 201) throw new Error(`A watching buyer got ${response.status}.`)
  const { id } = orderPlaced.parse(await response.json())
  const acceptedAt = performance.now()
  await confirmedOnSocket(`${notifier.replace(/^http/, 'ws')}/live/orders/${id}`, admission)
  return performance.now() - acceptedAt
}

/** Resolves at the first message with the confirmed order. */
function confirmedOnSocket(url: string, admission: string): Promise<void> {
  const confirmed = Promise.withResolvers<void>()
  const socket = new WebSocket(url, ['floodgate.v1', admission])
  const timer = setTimeout(
    () => confirmed.reject(new Error('No confirmation within a quarter of an hour.')),
    CONFIRMED_MS_MAX,
  )
  socket.addEventListener('message', ({ data }) => {
    const order = orderResource.parse(JSON.parse(String(data)))
    if (order.status === 'confirmed') confirmed.resolve()
  })
  socket.addEventListener('error', () => confirmed.reject(new Error('The socket of an order failed.')))
  socket.addEventListener('close', () => confirmed.reject(new Error('The socket of an order was closed.')))
  return confirmed.promise.finally(() => {
    clearTimeout(timer)
    socket.close()
  })
}
