import {
  type Buyer as ApiBuyer,
  bodyOf,
  createBuyer as createApiBuyer,
  createClient,
  type RouteResponse,
  type Send,
} from '@floodgate/client'
import {
  type OrderPlaced,
  type OrderRequest,
  type OrderResource,
  orderCoreRoutes,
  orderResource,
  type TicketStatus,
  ticketStatus,
} from '@floodgate/contracts'
import { eventually } from '@floodgate/testkit'
import { patiently } from './http.ts'
import { type LiveSocket, openSocket } from './socket.ts'

export interface OrderWish {
  /** Default: the buyer's own, the same for every order. */
  readonly key?: string
  readonly items?: OrderRequest['items']
  /** Null: none, as for a free order. */
  readonly paymentMethod?: string | null
  /** The campaign of the buyer's voucher. */
  readonly voucher?: string | undefined
}

export interface BuyerOptions {
  readonly name: string
  readonly sale: string
  readonly rooms: Send
  readonly cores: Send
  readonly roomUrl: string
  /** A process of the notifier; the states of an order reach the sockets of all processes. */
  readonly notifierUrl: string
  onOrder?(order: string): void
}

type OrderResponse = RouteResponse<typeof orderCoreRoutes.placeOrder>

/** A buyer, who does what a page does. Unless stated otherwise every request is repeated until it gets a response. */
export interface Buyer extends ApiBuyer {
  readonly name: string
  readonly email: string
  watchLine(): Promise<LiveSocket<TicketStatus>>
  /** Claims a voucher, and returns any response. */
  claimVoucher(campaign: string): Promise<RouteResponse<typeof orderCoreRoutes.claimVoucher>>
  /** Makes one attempt to order, and returns any response. */
  tryToOrder(wish?: OrderWish): Promise<OrderResponse>
  /** Repeats the order with the same key until it gets a response. */
  insistOnOrder(wish?: OrderWish): Promise<OrderResponse>
  order(wish?: OrderWish): Promise<OrderPlaced>
  /** Makes one attempt, and returns any response. */
  tryToCancel(order: string): Promise<RouteResponse<typeof orderCoreRoutes.cancelOrder>>
  /** Reads the order until it has this status. */
  untilOrderIs(order: string, status: OrderResource['status']): Promise<OrderResource>
  /** Reads the order until it is no longer pending. */
  untilOrderEnded(order: string): Promise<OrderResource>
  watchOrder(order: string): Promise<LiveSocket<OrderResource>>
}

/**
 * Returns the join key. A real buyer's is a secret; here it is derived from the name, so that a repeated join is the
 * same buyer.
 */
const JOIN_KEY_CHARACTERS_MIN = 22
const ENDED_MS_MAX = 300_000
const ORDER_POLL_MS = 100

export function createBuyer(options: BuyerOptions): Buyer {
  const { name, sale, rooms, cores } = options
  const email = `${name}@example.test`
  const joinKey = name.padEnd(JOIN_KEY_CHARACTERS_MIN, '-')
  const patient = createApiBuyer({ sale, waitingRoom: patiently(rooms), orderCore: patiently(cores), joinKey })
  const hasty = createClient(orderCoreRoutes, { send: cores })
  const insistent = createClient(orderCoreRoutes, { send: patiently(cores) })

  const keyOf = ({ key = `${name}-order` }: OrderWish): string => key
  const requestOf = ({ items = [{ sku: 'COAT', quantity: 1 }], paymentMethod, voucher }: OrderWish): OrderRequest => ({
    ...{ items, email },
    ...(voucher !== undefined && { voucher }),
    ...(paymentMethod !== null && { paymentMethod: paymentMethod ?? 'sim_ok' }),
  })
  const insistOnOrder = (wish: OrderWish = {}) => patient.placeOrder(requestOf(wish), keyOf(wish))
  const readUntil = (order: string, fits: (status: OrderResource['status']) => boolean, timing = {}) =>
    eventually(
      async () => {
        const now = await patient.readOrder(order)
        if (!fits(now.status)) throw new Error(`order ${order} is ${now.status}`)
        return now
      },
      { intervalMs: ORDER_POLL_MS, ...timing },
    )

  return {
    ...patient,
    name,
    email,
    watchLine: () =>
      openSocket(`${options.roomUrl}/sales/${sale}/live`, { token: patient.ticket(), schema: ticketStatus }),
    claimVoucher: (campaign) => insistent.claimVoucher({ params: { sale, campaign }, bearer: patient.admission() }),
    tryToOrder: (wish = {}) =>
      hasty.placeOrder({
        ...{ bearer: patient.admission(), body: requestOf(wish) },
        headers: { 'idempotency-key': keyOf(wish) },
      }),
    insistOnOrder,
    async order(wish) {
      const placed = await bodyOf(insistOnOrder(wish))
      options.onOrder?.(placed.id)
      return placed
    },
    tryToCancel: (id) => hasty.cancelOrder({ params: { id }, bearer: patient.admission() }),
    untilOrderIs: (order, status) => readUntil(order, (now) => now === status),
    untilOrderEnded: (order) =>
      readUntil(order, (now) => now !== 'pending', { timeoutMs: ENDED_MS_MAX, intervalMs: 5 * ORDER_POLL_MS }),
    watchOrder: (order) =>
      openSocket(`${options.notifierUrl}/live/orders/${order}`, { token: patient.admission(), schema: orderResource }),
  }
}
