import { type OrderPage, operatorOrderResource, orderPage } from '@floodgate/contracts'
import { AppError } from '@floodgate/runtime'
import type { z } from 'zod'

const RESPONSE_MS_MAX = 10_000
const RETRY_SECONDS = 5

type MoneyOrder = OrderPage['orders'][number]

export interface AllOrders {
  readonly orders: Map<string, MoneyOrder>
  /** Orders from before this may have been deleted. */
  readonly keptSinceMs: number
}

/** The order core's orders, for the money check. */
export interface OrderBooks {
  readAll(): Promise<AllOrders>
  /** Undefined: no such order exists. */
  readOne(id: string): Promise<MoneyOrder | undefined>
}

/** Creates the reader. Every method throws `unavailable` when the order core does not respond. */
export function createOrderBooks(options: { readonly url: string; readonly adminToken: string }): OrderBooks {
  async function get<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.infer<Schema> | undefined> {
    try {
      const response = await fetch(new URL(path, options.url), {
        headers: { authorization: `Bearer ${options.adminToken}` },
        signal: AbortSignal.timeout(RESPONSE_MS_MAX),
      })
      if (response.status === 404) {
        await response.body?.cancel()
        return undefined
      }
      return schema.parse(await response.json())
    } catch (cause) {
      const detail = 'The order core did not list its orders.'
      throw new AppError('unavailable', { detail, retryAfterSeconds: RETRY_SECONDS, cause })
    }
  }
  return {
    async readAll() {
      const orders = new Map<string, MoneyOrder>()
      let keptSinceMs = 0
      for (let after: string | null = ''; after !== null; ) {
        const page: OrderPage | undefined = await get(
          `/admin/orders${after === '' ? '' : `?after=${after}`}`,
          orderPage,
        )
        for (const order of page?.orders ?? []) orders.set(order.id, order)
        if (page?.keptSince !== undefined) keptSinceMs = Date.parse(page.keptSince)
        after = page?.next ?? null
      }
      return { orders, keptSinceMs }
    },
    async readOne(id) {
      const order = await get(`/admin/orders/${encodeURIComponent(id)}`, operatorOrderResource)
      if (order === undefined) return undefined
      const { status, totalMinor, currency, refundsMinor = 0, refunds } = order
      const money = { id, status, totalMinor, currency }
      if (refunds === undefined) return money
      const made = refunds.filter((refund) => refund.status === 'refunded')
      const open = refunds.find((refund) => refund.status !== 'refunded')
      const refundedMinor = made.reduce((sum, { amountMinor }) => sum + amountMinor, 0)
      const openSince = open === undefined ? {} : { openSince: open.createdAt }
      return { ...money, refunds: { requestedMinor: refundsMinor, refundedMinor, ...openSince } }
    },
  }
}
