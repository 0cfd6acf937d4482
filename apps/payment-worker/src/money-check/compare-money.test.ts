import type { OrderPage } from '@floodgate/contracts'
import { describe, expect, it } from 'vitest'
import type { ProviderCharge } from '../gateway/payment-gateway.ts'
import { compareMoney } from './compare-money.ts'

type Order = OrderPage['orders'][number]
const NOW_MS = 1_000_000_000
const MINUTE_MS = 60_000

const order = (status: Order['status'], changes: Partial<Order> = {}): Order => ({
  ...{ id: 'o', status, totalMinor: 100, currency: 'EUR' },
  ...changes,
})
const charge = (changes: Partial<ProviderCharge> = {}): ProviderCharge => ({
  ...{ chargeId: 'c', orderId: 'o', amountMinor: 100, currency: 'EUR', refundedMinor: 0, chargedAtMs: NOW_MS },
  ...changes,
})
const refunded = (requestedMinor: number, refundedMinor: number, openForMs?: number): Order =>
  order(requestedMinor === 100 && refundedMinor === 100 ? 'refunded' : 'confirmed', {
    refunds: {
      ...{ requestedMinor, refundedMinor },
      ...(openForMs === undefined ? {} : { openSince: new Date(NOW_MS - openForMs).toISOString() }),
    },
  })
const old = { chargedAtMs: NOW_MS - 16 * MINUTE_MS }
const compare = (orders: readonly Order[], charges: readonly ProviderCharge[]) =>
  compareMoney(new Map(orders.map((each) => [each.id, each])), charges, {
    nowMs: NOW_MS,
    keptSinceMs: NOW_MS - 60 * MINUTE_MS,
  })

describe('charges and orders agree:', () => {
  it.each([
    ['a confirmed order with its charge', [order('confirmed')], [charge(old)]],
    ['a refunded order', [order('refunded')], [charge({ ...old, refundedMinor: 100 })]],
    ['an order refunded before the core knew it', [order('refund_pending')], [charge({ ...old, refundedMinor: 100 })]],
    ['a cancelled order without a charge', [order('cancelled')], []],
    ['a confirmed order that costs nothing', [order('confirmed', { totalMinor: 0 })], []],
    [
      'one with a zero charge of an older worker',
      [order('confirmed', { totalMinor: 0 })],
      [charge({ ...old, amountMinor: 0 })],
    ],
    ['a charge refunded and another one kept', [order('confirmed')], [charge({ refundedMinor: 100 }), charge()]],
    ['a charge whose order was deleted long ago', [], [charge({ chargedAtMs: NOW_MS - 61 * MINUTE_MS })]],
    ['a refunded charge without an order', [], [charge({ ...old, refundedMinor: 100 })]],
    ['an order refunded in part', [refunded(30, 30)], [charge({ ...old, refundedMinor: 30 })]],
    ['a paid order refunded as a whole', [refunded(100, 100)], [charge({ ...old, refundedMinor: 100 })]],
    [
      'one whose authorization was given up',
      [refunded(100, 100)],
      [charge({ ...old, isAuthorized: true, refundedMinor: 100 })],
    ],
  ] as const)('%s', (_, orders, charges) => {
    expect(compare(orders, charges)).toMatchObject({ ok: true, findings: [], underWay: 0 })
  })

  it.each(['pending', 'cancelled', 'refund_pending'] as const)(
    'a %s order charged a moment ago is in progress',
    (status) => {
      expect(compare([order(status)], [charge()])).toMatchObject({ ok: true, underWay: 1 })
    },
  )

  it.each([order('confirmed'), refunded(30, 0, MINUTE_MS)])(
    'a confirmed order authorized a moment ago is in progress',
    (confirmed) => {
      expect(compare([confirmed], [charge({ isAuthorized: true })])).toMatchObject({ ok: true, underWay: 1 })
    },
  )

  it.each([0, 30])('a refund requested a moment ago is in progress, whether %i of it are given back', (back) => {
    const made = charge({ ...old, refundedMinor: back })
    expect(compare([refunded(30, 0, MINUTE_MS)], [made])).toMatchObject({ ok: true, underWay: 1 })
    expect(compare([refunded(100, 0, MINUTE_MS)], [charge({ refundedMinor: 100 })])).toMatchObject({ underWay: 1 })
  })
})

it.each([
  ['charge-without-order', [], [charge()]],
  ['charged-more-than-once', [order('confirmed')], [charge({ chargeId: 'a' }), charge({ chargeId: 'b' })]],
  ['charged-more-than-once', [order('pending')], [charge({ chargeId: 'a' }), charge({ chargeId: 'b' })]],
  ['confirmed-without-charge', [order('confirmed')], []],
  ['confirmed-without-charge', [order('confirmed')], [charge({ refundedMinor: 100 })]],
  ['amount-differs', [order('confirmed')], [charge({ amountMinor: 99 })]],
  ['amount-differs', [order('confirmed', { totalMinor: 0 })], [charge()]],
  ['amount-differs', [order('confirmed', { currency: 'USD' })], [charge()]],
  ['refunded-in-part', [order('confirmed')], [charge({ refundedMinor: 1 })]],
  ['refunded-in-part', [refunded(30, 30)], [charge({ refundedMinor: 31 })]],
  ['refund-missing', [refunded(30, 30)], [charge({ refundedMinor: 29 })]],
  ['refund-missing', [refunded(30, 0, 16 * MINUTE_MS)], [charge()]],
  ['confirmed-without-charge', [refunded(30, 30)], []],
  ['refund-missing', [order('refunded')], [charge()]],
  ['refund-missing', [order('refund_parked')], [charge({ refundedMinor: 99 })]],
  ['refund-missing', [order('refund_pending')], [charge(old)]],
  ['refund-missing', [order('cancelled')], [charge(old)]],
  ['payment-not-followed', [order('pending')], [charge(old)]],
  ['capture-missing', [order('confirmed')], [charge({ ...old, isAuthorized: true })]],
  ['capture-missing', [refunded(30, 0, MINUTE_MS)], [charge({ ...old, isAuthorized: true })]],
  ['confirmed-without-charge', [order('confirmed')], [charge({ ...old, isAuthorized: true, refundedMinor: 100 })]],
] as const)('finds %s', (problem, orders, charges) => {
  const { ok, findings } = compare(orders, charges)
  expect(ok).toBe(false)
  expect(findings).toMatchObject([{ order: 'o', problem, status: orders[0]?.status ?? null }])
})
