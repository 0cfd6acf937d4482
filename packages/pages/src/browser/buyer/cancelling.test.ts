import type { OrderResource, PublicCatalogue } from '@floodgate/contracts'
import { expect, it } from 'vitest'
import { admitted, after, buy, jobKinds, joined, now, order, screenOf, start } from '../../testing/buyer-page.ts'
import { jobsOf } from './jobs.ts'
import type { Model } from './model.ts'
import { needsRead } from './order-news.ts'
import type { PageEvent } from './page-event.ts'

const inSeconds = (seconds: number) => new Date(now + seconds * 1_000).toISOString()
const confirmed = { status: 'confirmed', totalMinor: 1_000, version: 2, cancellableUntil: inSeconds(60) } as const
const bought = after(start, joined, admitted, buy, order(confirmed))
const live = (changes: Partial<OrderResource>): PageEvent =>
  ({ ...order({ totalMinor: 1_000, ...changes }), live: true }) as PageEvent
const cancelOf = (model: Model, at = now) => {
  const screen = screenOf(model, at)
  return 'cancel' in screen ? screen.cancel : undefined
}
const ask: PageEvent = { kind: 'cancel-order' }
const decided = (rejected: boolean): PageEvent => ({ kind: 'cancel-decided', order: 'o1', rejected })

it('a paid order can be cancelled until its time is over, and not at all without one', () => {
  expect(cancelOf(bought)).toEqual({ kind: 'open', secondsLeft: 60 })
  expect(cancelOf(bought, now + 59_001)).toEqual({ kind: 'open', secondsLeft: 1 })
  expect(cancelOf(bought, now + 60_000)).toEqual({ kind: 'none' })
  const { cancellableUntil: _, ...never } = confirmed
  expect(cancelOf(after(start, joined, admitted, buy, order(never)))).toEqual({ kind: 'none' })
})

it('a cancellation is sent until it is decided, and the button does not return after a rejection', () => {
  const asked = after(bought, ask)
  expect(cancelOf(asked)).toEqual({ kind: 'asked' })
  expect(jobsOf(asked)).toContainEqual({ kind: 'cancel-order', key: 'cancel o1', order: 'o1', bearer: 'pass' })
  const rejected = after(asked, decided(true))
  expect(cancelOf(rejected)).toEqual({ kind: 'rejected' })
  expect(jobKinds(rejected)).not.toContain('cancel-order')
  // A payment that was faster: the order may still be cancelled as a paid one.
  expect(cancelOf(after(asked, decided(false)))).toMatchObject({ kind: 'open' })
})

it('an order that ends meanwhile, in another tab for instance, needs no decision any more', () => {
  const ended = after(bought, ask, live({ status: 'refund_pending', refundsMinor: 1_000, version: 3 }))
  expect(screenOf(ended).kind).toBe('refund-pending')
  expect(jobKinds(ended)).not.toContain('cancel-order')
  expect(ended.cancelling).toBeUndefined()
})

it('without an order nothing is cancelled', () => {
  expect(after(start, joined, admitted, ask).cancelling).toBeUndefined()
})

it('news by the socket keep what only a read tells, and a read replaces it', () => {
  const refunds = [{ id: 'r1', status: 'requested' as const, amountMinor: 400, items: [] }]
  const read = order({ ...confirmed, version: 3, refundsMinor: 400, refunds, voucher: 'spring' })
  const part = after(bought, read, live({ status: 'confirmed', version: 4, refundsMinor: 400 }))
  expect(part.order).toMatchObject({ version: 4, refunds, voucher: 'spring', cancellableUntil: inSeconds(60) })
  expect(screenOf(part).kind).toBe('refunded-in-part')
  const whole = after(part, live({ status: 'refund_pending', version: 5, refundsMinor: 1_000 }))
  expect(whole.order, 'one of two refunds would say too little').not.toHaveProperty('refunds')
  expect(whole.order).not.toHaveProperty('cancellableUntil')
  expect(after(part, order({ status: 'confirmed', version: 4 })).order).not.toHaveProperty('voucher')
})

it('the page reads an order whose news lack something, once for each version', () => {
  const catalogue = { sale: 'demo', currency: 'EUR', cancelWithinSeconds: 60, items: [] } satisfies PublicCatalogue
  const news = (changes: Partial<OrderResource>) =>
    (order(changes) as Extract<PageEvent, { kind: 'order' }>).order as OrderResource
  const paying = after(start, joined, admitted, buy, order({ status: 'pending', version: 1 }))
  const cancellable = after(paying, { kind: 'catalogue', catalogue, askedAt: now })
  const paid = news({ status: 'confirmed', version: 2 })
  expect(needsRead(paying, paid)).toBe(false)
  expect(needsRead(cancellable, paid)).toBe(true)
  expect(needsRead(bought, paid)).toBe(false)
  expect(needsRead(bought, news({ status: 'confirmed', version: 3, refundsMinor: 400 }))).toBe(true)
  expect(needsRead(cancellable, news({ status: 'cancelled', version: 2 }))).toBe(false)
})
