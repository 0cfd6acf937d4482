import type { OrderPage } from '@floodgate/contracts'
import { expect, it } from 'vitest'
import type { ProviderCharge } from '../gateway/payment-gateway.ts'
import { checkMoney } from './check-money.ts'

type Order = OrderPage['orders'][number]
const money = { id: 'o', totalMinor: 100, currency: 'EUR' }
const paid: Order = { ...money, status: 'confirmed' }
const refunds = (requestedMinor: number, refundedMinor: number) => ({ refunds: { requestedMinor, refundedMinor } })
const openSince = new Date().toISOString()

/** Checks one order: as it was read first, its charge as listed after that, and the order as it is by then. */
const check = (first: Order, { refundedMinor, now }: { refundedMinor: number; now: Order | undefined }) => {
  const charge: ProviderCharge = {
    ...{ chargeId: 'c', orderId: 'o', amountMinor: 100, currency: 'EUR', refundedMinor, chargedAtMs: 1 },
  }
  return checkMoney({
    books: { readAll: async () => ({ orders: new Map([['o', first]]), keptSinceMs: 0 }), readOne: async () => now },
    gateway: { listCharges: async () => ({ kind: 'listed', charges: [charge] }) },
    signal: new AbortController().signal,
  })
}

it.each([
  ['of a part', paid, 30, { ...paid, ...refunds(30, 30) }],
  ['of another part', { ...paid, ...refunds(30, 30) }, 60, { ...paid, ...refunds(60, 60) }],
  ['of the whole', paid, 100, { ...money, status: 'refunded', ...refunds(100, 100) }],
  [
    'of which the order core does not know yet',
    paid,
    30,
    { ...paid, refunds: { ...refunds(30, 0).refunds, openSince } },
  ],
  ['after which another one was made', { ...paid, ...refunds(20, 20) }, 30, { ...paid, ...refunds(60, 60) }],
] as const)('a refund made during the check is no finding: %s', async (_, first, refundedMinor, now) => {
  expect(await check(first, { refundedMinor, now })).toMatchObject({ ok: true, findings: [] })
})

it.each([
  ['is read as before', paid],
  ['is no longer stored', undefined],
])('a finding stays whose order %s', async (_, now) => {
  const findings = [{ order: 'o', problem: 'refunded-in-part', status: 'confirmed', charges: ['c'] }]
  expect(await check(paid, { refundedMinor: 30, now })).toMatchObject({ ok: false, findings })
})
