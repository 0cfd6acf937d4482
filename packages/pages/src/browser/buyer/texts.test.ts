import { texts as english } from '@floodgate/texts/languages/en'
import { expect, it } from 'vitest'
import { textOf } from './texts.ts'

it.each([
  [600, 'we keep your place for 10 minutes. After that you lose it.'],
  [90, 'we keep your place for 1 minute and 30 seconds. After that you lose it.'],
  [0, 'If you are away when your turn comes, you lose your place.'],
  [null, 'come back soon'],
])('a waiting buyer reads how long a missed turn can still be taken: %s s', (returnSeconds, words) => {
  const line = { position: 7, etaSeconds: 60, progress: 0.5, overtaken: false, welcomeBack: false }
  expect(textOf({ kind: 'waiting', ...line, returnSeconds }, english).lines.join(' ')).toContain(words)
})

it.each([
  [
    undefined,
    'If a payment still arrives, we will confirm your order if the items are still available, or else refund you.',
  ],
  ['spring', 'If a payment still arrives, we will refund it.'],
])('a buyer whose order with the voucher %s expired reads what becomes of a late payment', (voucher, words) => {
  const order = {
    ...{ id: crypto.randomUUID(), sale: 'demo', items: [], totalMinor: 700, currency: 'EUR', version: 2 },
    ...{ status: 'cancelled' as const, cancelReason: 'expired' as const, createdAt: '2026-12-01T10:05:00.000Z' },
    holdExpiresAt: '2026-12-01T10:08:00.000Z',
    ...(voucher === undefined ? {} : { voucher, subtotalMinor: 1_000, discountMinor: 300 }),
  }
  expect(textOf({ kind: 'hold-lapsed', order, again: 'unknown' }, english).lines.at(-1)).toBe(words)
})
