import { setTimeout as delay } from 'node:timers/promises'
import {
  joinAnswer,
  orderPlaced,
  orderResource,
  publicCatalogue,
  type TicketStatus,
  ticketStatus,
} from '@floodgate/contracts'
import { createCaller } from './caller.ts'

export type Intent = 'buy' | 'leave' | 'be-declined' | 'wait'

export type BuyerEnd = {
  readonly email: string
  readonly intent: Intent
  readonly outcome: 'confirmed' | 'declined' | 'left' | 'waited' | 'refused' | 'place-lost' | 'pending' | 'gave-up'
  readonly order?: string
}

export type BuyerOptions = {
  readonly name: string
  readonly intent: Intent
  readonly sale: string
  /** One URL per replica; a buyer's requests go to them in turn. */
  readonly waitingRooms: readonly string[]
  readonly orderCores: readonly string[]
  readonly signal: AbortSignal
}

const LEAVE_AFTER_POLLS = 2
const ORDER_POLL_MS = 500
/** An order that is still pending by then is reported as such. */
const ORDER_MS_MAX = 60_000

/** One buyer's whole visit through the public API. */
export async function simulateBuyer(options: BuyerOptions): Promise<BuyerEnd> {
  const email = `${options.name}@example.test`
  const end = (outcome: BuyerEnd['outcome'], order?: string): BuyerEnd => ({
    email,
    intent: options.intent,
    outcome,
    ...(order === undefined ? {} : { order }),
  })
  const room = createCaller(options.waitingRooms, options.signal)
  const path = `/sales/${options.sale}`
  const joined = await room.call('POST', `${path}/tickets`, { headers: { 'idempotency-key': options.name } })
  if (joined.status > 201) return end('refused')
  const { ticket } = joinAnswer.parse(joined.body)
  const headers = { authorization: `Bearer ${ticket}` }
  const leave = () => room.call('DELETE', `${path}/ticket`, { headers })

  for (let polls = 1; ; polls += 1) {
    const answer = await room.call('GET', `${path}/ticket`, { headers })
    if (answer.status !== 200) return end('place-lost')
    const standing = ticketStatus.parse(answer.body)
    if (standing.state === 'admitted') return visit(options, standing, { email, end, leave })
    if (standing.state === 'closed') return end('refused')
    if (standing.state !== 'waiting') return end('place-lost')
    if (options.intent === 'leave' && polls >= LEAVE_AFTER_POLLS) {
      await leave()
      return end('left')
    }
    await delay(standing.pollAfterMs, undefined, { signal: options.signal })
  }
}

/** Inside the shop: those who only waited, or wanted to leave, give their slot back to the next in line. */
async function visit(
  options: BuyerOptions,
  standing: Extract<TicketStatus, { state: 'admitted' }>,
  ways: {
    readonly email: string
    readonly end: (outcome: BuyerEnd['outcome'], order?: string) => BuyerEnd
    readonly leave: () => Promise<unknown>
  },
): Promise<BuyerEnd> {
  const { end } = ways
  if (options.intent === 'wait' || options.intent === 'leave') {
    await ways.leave()
    return end(options.intent === 'wait' ? 'waited' : 'left')
  }
  const core = createCaller(options.orderCores, options.signal)
  const headers = { authorization: `Bearer ${standing.admission}`, 'idempotency-key': options.name }
  const { body } = await core.call('GET', `/sales/${options.sale}/catalogue`)
  const [item] = publicCatalogue.parse(body).items
  if (item === undefined) return end('refused')
  const placed = await core.call('POST', '/orders', {
    headers,
    body: {
      items: [{ sku: item.sku, quantity: 1, priceMinor: item.salePriceMinor }],
      email: ways.email,
      paymentMethod: options.intent === 'buy' ? 'sim_ok' : 'sim_declined',
    },
  })
  if (placed.status !== 201) return end('refused')
  const { id } = orderPlaced.parse(placed.body)
  const deadline = performance.now() + ORDER_MS_MAX
  for (;;) {
    const answer = await core.call('GET', `/orders/${id}`, { headers })
    const order = answer.status === 200 ? orderResource.parse(answer.body) : undefined
    if (order?.status === 'confirmed') return end('confirmed', id)
    if (order !== undefined && order.status !== 'pending') {
      await ways.leave()
      return end('declined', id)
    }
    if (performance.now() > deadline) return end('pending', id)
    await delay(ORDER_POLL_MS, undefined, { signal: options.signal })
  }
}
