import { bodyOf } from '@floodgate/client'
import { type ErasableOrders, type ErasureReport, eraseRoute, type Remaining } from '@floodgate/contracts'
import { buyerOfAccount } from '@floodgate/contracts/account'
import type { AppClients } from '../apps.ts'
import type { AppName } from '../settings.ts'

export interface Erasure {
  readonly reports: readonly ErasureReport[]
  /** Data that must stay for now: repeat the erasure later. */
  readonly remaining: readonly Remaining[]
}

export interface Buyer {
  readonly buyer: string
  readonly sale?: string | undefined
}

/** What is erased beside the buyer. */
export interface Erased extends Buyer {
  /** An address whose reminders are erased as well: those have no buyer. */
  readonly email?: string | undefined
}

/** Returns the buyer that the options name: itself, or by its account; undefined for neither, and for both. */
export function buyerIn(options: {
  readonly buyer?: string | undefined
  readonly issuer?: string | undefined
  readonly subject?: string | undefined
}): string | undefined {
  const { buyer, issuer, subject } = options
  if (issuer === undefined || subject === undefined)
    return issuer === undefined && subject === undefined ? buyer : undefined
  return buyer === undefined ? buyerOfAccount({ issuer, subject }) : undefined
}

/**
 * Erases a buyer from all apps, the order core last: only it knows which orders are the buyer's. So the next call
 * completes an interrupted one, and the orders of a sale are kept while another app still has data of them.
 */
export async function eraseBuyer(apps: AppClients, { email, ...who }: Erased): Promise<Erasure> {
  function erase(app: AppName, orders: readonly string[]): Promise<ErasureReport> {
    const reminders = app === 'notifier' && email !== undefined ? { email } : {}
    return bodyOf(apps.of(app, { erase: eraseRoute }).erase({ body: { ...who, ...reminders, orders: [...orders] } }))
  }
  const core = apps.cores()
  const listed = await bodyOf(core.listErasable({ query: who }))
  const orders = listed.orders.map(({ order }) => order)
  const byOrder = [await erase('payment-worker', orders), await erase('notifier', orders)]
  const waitingRoom = await erase('waiting-room', orders)
  const done = withoutSalesOf(
    byOrder.flatMap((report) => report.remaining),
    listed.orders,
  )
  const reports = [...byOrder, waitingRoom, await erase('order-core', done)]
  return { reports, remaining: [...listed.remaining, ...reports.flatMap((report) => report.remaining)] }
}

/** Erases the reminders to an address, which only the notifier has. */
export async function eraseReminders(apps: AppClients, email: string): Promise<Erasure> {
  const report = await bodyOf(
    apps.of('notifier', { erase: eraseRoute }).erase({ body: { buyer: email, email, orders: [] } }),
  )
  return { reports: [report], remaining: report.remaining }
}

/**
 * Returns the orders of sales that the other apps have finished: all orders of a buyer in a sale are erased at once.
 */
function withoutSalesOf(remaining: readonly Remaining[], orders: ErasableOrders['orders']): readonly string[] {
  const left = new Set(remaining.map(({ order }) => order))
  if (left.has(undefined)) return []
  const kept = new Set(orders.filter(({ order }) => left.has(order)).map(({ sale }) => sale))
  return orders.filter(({ sale }) => !kept.has(sale)).map(({ order }) => order)
}
