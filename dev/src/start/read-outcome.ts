import { setTimeout as delay } from 'node:timers/promises'
import { bodyOf } from '@floodgate/client'
import { createAppClient } from '@floodgate/command'
import { caughtMessages, orderCoreRoutes, simulatedCharges } from '@floodgate/contracts'
import type { Crowd } from '@floodgate/crowd'
import type { System } from '../system/types.ts'
import type { Outcome } from './outcome-table.ts'

/** Mails and the counts of Redis and Postgres may be a moment behind the buyers. */
const SETTLE_MS_MAX = 15_000
const POLL_MS = 500

/** Reads the outcome of a crowd from the apps and simulators themselves, once it has settled. */
export async function readOutcome(options: {
  readonly system: System
  readonly sale: string
  readonly crowd: Crowd
}): Promise<Outcome> {
  const deadline = Date.now() + SETTLE_MS_MAX
  for (;;) {
    const outcome = await readOnce(options)
    const settled = outcome.agree && outcome.charges === outcome.confirmed && outcome.mails === outcome.confirmed
    if (settled || Date.now() > deadline) return outcome
    await delay(POLL_MS)
  }
}

async function readOnce({
  system,
  sale,
  crowd,
}: {
  readonly system: System
  readonly sale: string
  readonly crowd: Crowd
}): Promise<Outcome> {
  const { urls, adminToken } = system
  const apps = { urls: { 'order-core': urls.orderCore }, adminToken }
  const core = createAppClient(apps, { app: 'order-core', routes: orderCoreRoutes })
  const [audit, charges, mail] = await Promise.all([
    bodyOf(core.auditStock({ params: { sale } })),
    read(`${urls.paymentSimulator}/charges`),
    urls.mail.startsWith('http') ? read(`${urls.mail}/messages`) : { messages: [] },
  ])
  const confirmed = crowd.buyers.filter(({ outcome }) => outcome === 'confirmed')
  const orders = new Set(confirmed.map(({ order }) => order))
  const emails = new Set(confirmed.map(({ email }) => email))
  const approved = simulatedCharges
    .parse(charges)
    .charges.filter(({ orderId, status }) => status === 'approved' && orders.has(orderId))
  const mails = caughtMessages.parse(mail).messages.filter(({ to }) => emails.has(to))
  const sumOf = (figure: 'sold' | 'held' | 'available'): number =>
    audit.skus.reduce((sum, each) => sum + each.postgres[figure], 0)
  const countOf = (outcome: string): number => crowd.buyers.filter((buyer) => buyer.outcome === outcome).length
  return {
    sale,
    total: audit.skus.reduce((sum, { total }) => sum + total, 0),
    sold: sumOf('sold'),
    held: sumOf('held'),
    available: sumOf('available'),
    agree: audit.agree,
    buyers: crowd.buyers.length,
    confirmed: confirmed.length,
    declined: countOf('declined'),
    left: countOf('left'),
    unfinished: countOf('pending') + countOf('gave-up'),
    charges: approved.length,
    mails: new Set(mails.map(({ messageId }) => messageId)).size,
    placesLost: countOf('place-lost'),
  }
}

async function read(url: string): Promise<unknown> {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`GET ${url} answered ${response.status}.`)
  return response.json()
}
