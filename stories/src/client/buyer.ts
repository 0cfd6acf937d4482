import { setTimeout as delay } from 'node:timers/promises'
import {
  type JoinAnswer,
  joinAnswer,
  type OrderPlaced,
  type OrderResource,
  orderList,
  orderPlaced,
  orderResource,
  type TicketStatus,
  ticketStatus,
} from '@floodgate/contracts'
import { eventually } from '@floodgate/testkit'
import { type Answer, bodyOf, type Client, type Sent } from './http.ts'
import { type LiveSocket, openSocket } from './socket.ts'

export type Admitted = Extract<TicketStatus, { state: 'admitted' }>

export interface OrderWish {
  /** Default: the buyer's own, the same for every order. */
  readonly key?: string
  readonly items?: readonly { readonly sku: string; readonly quantity: number; readonly priceMinor?: number }[]
  /** Null: none, as for what costs nothing. */
  readonly paymentMethod?: string | null
}

export interface BuyerOptions {
  readonly name: string
  readonly sale: string
  readonly rooms: Client
  readonly cores: Client
  readonly roomUrl: string
  /** A notifier's process; the news of an order reaches whichever one the socket hangs on. */
  readonly notifierUrl: string
  onOrder?(order: string): void
}

export type Buyer = ReturnType<typeof createBuyer>

/** A real buyer's key is a secret; a story's is known by name, so that a repeated join is the same buyer. */
const JOIN_KEY_CHARACTERS_MIN = 22
const ADMITTED_MS_MAX = 600_000
const ENDED_MS_MAX = 300_000
const ORDER_POLL_MS = 100

/** Somebody who shops: what a page does, as words. Unless it says otherwise every request is repeated until answered. */
export function createBuyer(options: BuyerOptions) {
  const { name, sale, rooms, cores } = options
  const email = `${name}@example.test`
  let joined: JoinAnswer | undefined
  let pass: Admitted | undefined

  const ticketOf = (): string => joined?.ticket ?? ''
  const withTicket = (): Sent => ({ headers: { authorization: `Bearer ${ticketOf()}` } })
  const withAdmission = (): Sent => ({ headers: { authorization: `Bearer ${pass?.admission ?? ''}` } })

  const orderRequest = (wish: OrderWish): Sent => ({
    headers: { ...withAdmission().headers, 'idempotency-key': wish.key ?? `${name}-order` },
    body: {
      items: wish.items ?? [{ sku: 'COAT', quantity: 1 }],
      email,
      ...(wish.paymentMethod === null ? {} : { paymentMethod: wish.paymentMethod ?? 'sim_ok' }),
    },
  })

  const standing = async (): Promise<TicketStatus> =>
    bodyOf(await rooms.patiently('GET', `/sales/${sale}/ticket`, withTicket()), ticketStatus)

  const read = async (order: string): Promise<OrderResource> =>
    bodyOf(await cores.patiently('GET', `/orders/${order}`, withAdmission()), orderResource)

  return {
    name,
    email,
    ticket: ticketOf,
    admission: (): string => pass?.admission ?? '',

    async join(): Promise<JoinAnswer> {
      const headers = { 'idempotency-key': name.padEnd(JOIN_KEY_CHARACTERS_MIN, '-') }
      joined = bodyOf(await rooms.patiently('POST', `/sales/${sale}/tickets`, { headers }), joinAnswer, 200, 201)
      return joined
    },
    standing,
    /** Polls as late as the room asks until it is this buyer's turn. */
    async untilAdmitted(): Promise<Admitted> {
      let position = Number.POSITIVE_INFINITY
      for (const deadline = performance.now() + ADMITTED_MS_MAX; performance.now() < deadline; ) {
        const now = await standing()
        if (now.state === 'admitted') {
          pass = now
          return now
        }
        if (now.state !== 'waiting') throw new Error(`${name} waited in ${sale} and is now ${now.state}.`)
        // After Redis was lost the line is put together anew; only then may a position be another one.
        if (now.saleState === 'recovering') position = Number.POSITIVE_INFINITY
        else position = now.position ?? position
        await delay(now.pollAfterMs)
      }
      throw new Error(
        `${name} was not admitted to ${sale} within ${ADMITTED_MS_MAX} ms; the last position was ${position}.`,
      )
    },
    async leave(): Promise<void> {
      const answer = await rooms.patiently('DELETE', `/sales/${sale}/ticket`, withTicket())
      if (answer.status !== 204) throw new Error(`${answer.request} answered ${answer.status}: ${answer.text}`)
    },
    watchLine: (): Promise<LiveSocket<TicketStatus>> =>
      openSocket(`${options.roomUrl}/sales/${sale}/live`, { token: ticketOf(), schema: ticketStatus }),

    /** One attempt at the order, whatever comes back. */
    tryToOrder: (wish: OrderWish = {}): Promise<Answer> => cores.once('POST', '/orders', orderRequest(wish)),
    /** Repeats the order with the same key until it is answered. */
    insistOnOrder: (wish: OrderWish = {}): Promise<Answer> => cores.patiently('POST', '/orders', orderRequest(wish)),
    async order(wish: OrderWish = {}): Promise<OrderPlaced> {
      const placed = bodyOf(await cores.patiently('POST', '/orders', orderRequest(wish)), orderPlaced, 201)
      options.onOrder?.(placed.id)
      return placed
    },
    read,
    orders: async () => bodyOf(await cores.patiently('GET', '/orders', withAdmission()), orderList).orders,
    tryToCancel: (order: string): Promise<Answer> => cores.once('DELETE', `/orders/${order}`, withAdmission()),
    async cancel(order: string): Promise<OrderResource> {
      return bodyOf(await cores.patiently('DELETE', `/orders/${order}`, withAdmission()), orderResource)
    },
    /** Reads the order until it has this status. */
    untilOrderIs: (order: string, status: OrderResource['status']): Promise<OrderResource> =>
      eventually(
        async () => {
          const now = await read(order)
          if (now.status !== status) throw new Error(`order ${order} is ${now.status}, not ${status}`)
          return now
        },
        { intervalMs: ORDER_POLL_MS },
      ),
    /** Reads the order until it is no longer pending. */
    untilOrderEnded: (order: string): Promise<OrderResource> =>
      eventually(
        async () => {
          const now = await read(order)
          if (now.status === 'pending') throw new Error(`order ${order} is still pending`)
          return now
        },
        { timeoutMs: ENDED_MS_MAX, intervalMs: 5 * ORDER_POLL_MS },
      ),
    watchOrder: (order: string): Promise<LiveSocket<OrderResource>> =>
      openSocket(`${options.notifierUrl}/live/orders/${order}`, {
        token: pass?.admission ?? '',
        schema: orderResource,
      }),
  }
}
