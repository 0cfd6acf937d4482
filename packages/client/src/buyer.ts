import { pause } from '@floodgate/async'
import {
  type InboxPage,
  type JoinResponse,
  notifierRoutes,
  type OrderRequest,
  type OrderResource,
  orderCoreRoutes,
  type TicketStatus,
  waitingRoomRoutes,
} from '@floodgate/contracts'
import { createClient } from './client.ts'
import { bodyOf, type RouteResponse } from './responses.ts'
import type { Send } from './send.ts'

export type Admitted = Extract<TicketStatus, { state: 'admitted' }>

/**
 * One buyer of one sale, from the line to the order. Unless stated otherwise, a method throws `UnexpectedResponse` when
 * its request is rejected.
 */
export interface Buyer {
  /** Empty before the buyer joins. */
  ticket(): string
  /** Empty before the buyer is admitted. */
  admission(): string
  /** Joins the line. A retry with the same join key returns the same place. */
  join(): Promise<JoinResponse>
  status(): Promise<TicketStatus>
  /** Polls at the intervals the waiting room requests until the buyer is admitted, for at most ten minutes. */
  untilAdmitted(signal?: AbortSignal): Promise<Admitted>
  leave(): Promise<void>
  /** Places an order, and returns any response of the order core. */
  placeOrder(order: OrderRequest, key: string): Promise<RouteResponse<typeof orderCoreRoutes.placeOrder>>
  readOrder(order: string): Promise<OrderResource>
  listOrders(): Promise<readonly OrderResource[]>
  cancelOrder(order: string): Promise<OrderResource>
  /** Reads a page of the buyer's notices in this sale, newest first. `after`: the `next` of the page before. */
  readInbox(query?: { readonly after?: string; readonly limit?: number }): Promise<InboxPage>
  /** Marks a notice and all older ones as read; returns how many are still unread. */
  markInboxRead(upTo: string): Promise<number>
}

export interface BuyerOptions {
  readonly sale: string
  readonly waitingRoom: Send
  readonly orderCore: Send
  /** Default: that of the order core, for apps behind one host name. */
  readonly notifier?: Send
  /** The secret that identifies the place. Default: each join is a new buyer. */
  readonly joinKey?: string
  /** The language of mails about the buyer's orders. */
  readonly language?: string
}

const ADMITTED_MS_MAX = 600_000

export function createBuyer(options: BuyerOptions): Buyer {
  const { joinKey, language } = options
  const params = { sale: options.sale }
  const rooms = createClient(waitingRoomRoutes, { send: options.waitingRoom })
  const cores = createClient(orderCoreRoutes, { send: options.orderCore })
  const notifiers = createClient(notifierRoutes, { send: options.notifier ?? options.orderCore })
  let ticket = ''
  let admission = ''

  function status(): Promise<TicketStatus> {
    return bodyOf(rooms.poll({ params, bearer: ticket }))
  }
  return {
    ticket: () => ticket,
    admission: () => admission,
    async join() {
      const joined = await bodyOf(rooms.join({ params, headers: { 'idempotency-key': joinKey } }))
      ticket = joined.ticket
      return joined
    },
    status,
    async untilAdmitted(signal) {
      let position: number | null = null
      for (const deadline = performance.now() + ADMITTED_MS_MAX; performance.now() < deadline; ) {
        const now = await status()
        if (now.state === 'admitted') {
          admission = now.admission
          return now
        }
        if (now.state !== 'waiting') throw new Error(`A buyer waited in ${params.sale} and is now ${now.state}.`)
        position = now.position
        await pause(now.pollAfterMs, signal)
        signal?.throwIfAborted()
      }
      throw new Error(`A buyer was not admitted to ${params.sale}; the last position was ${position}.`)
    },
    async leave() {
      await bodyOf(rooms.leave({ params, bearer: ticket }))
    },
    placeOrder: (body, key) =>
      cores.placeOrder({
        ...{ bearer: admission, body },
        headers: { 'idempotency-key': key, 'accept-language': language },
      }),
    readOrder: (id) => bodyOf(cores.readOrder({ params: { id }, bearer: admission })),
    listOrders: async () => (await bodyOf(cores.listOwnOrders({ bearer: admission }))).orders,
    cancelOrder: (id) => bodyOf(cores.cancelOrder({ params: { id }, bearer: admission })),
    readInbox: (query = {}) =>
      bodyOf(notifiers.readInbox({ bearer: admission, query, headers: { 'accept-language': language } })),
    markInboxRead: async (upTo) => (await bodyOf(notifiers.markInbox({ bearer: admission, body: { upTo } }))).unread,
  }
}
