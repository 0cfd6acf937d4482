import type { LogEntry, SimulatedCharge, StockAudit } from '@floodgate/contracts'
import { describe, expect, it } from 'vitest'
import { type SaleFacts, saleFaults } from './sale-faults.ts'

const at = '2026-01-01T00:00:00.000Z'
const figures = { available: 0, held: 0, sold: 2 }
const stockOf = (postgres: typeof figures, agree = true): StockAudit => ({
  agree,
  skus: [{ sku: 'COAT', total: 2, agree, redis: figures, postgres }],
})
const admission = (place: number, slot = `slot-${place}`): LogEntry => ({
  id: `${place}-0`,
  at,
  kind: 'admitted',
  place,
  slot,
})
const charge = (orderId: string, over: Partial<SimulatedCharge> = {}): SimulatedCharge => ({
  id: `charge-${orderId}`,
  orderId,
  idempotencyKey: orderId,
  amountMinor: 100,
  currency: 'EUR',
  status: 'approved',
  refundedMinor: 0,
  at,
  ...over,
})
const sound: SaleFacts = {
  stock: stockOf(figures),
  log: [admission(1), admission(2), { id: '9-0', at, kind: 'returned', place: 1, slot: 'slot-1' }],
  counts: { joined: 2, waiting: 0, away: 0, active: 1, admitted: 2, returned: 1 },
  charges: [charge('a'), charge('b')],
}
const expected = { sold: 'all', confirmed: ['a', 'b'], admitted: 2 } as const

describe('the audit of a sale', () => {
  it('finds no fault when everything sold was paid for once and every buyer was admitted once', () => {
    expect(saleFaults(sound, expected)).toEqual([])
  })

  it('accepts a declined card and a complete refund', () => {
    const charges = [charge('a'), charge('b'), charge('c', { status: 'declined' }), charge('d', { refundedMinor: 100 })]
    expect(saleFaults({ ...sound, charges }, expected)).toEqual([])
  })

  it('does not check money without a payment simulator', () => {
    const { charges: _, ...unpaid } = sound
    expect(saleFaults(unpaid, expected)).toEqual([])
  })

  const { counts } = sound
  it.each<[string, Partial<SaleFacts>, RegExp]>([
    ['oversold stock', { stock: stockOf({ available: -1, held: 0, sold: 3 }) }, /COAT is oversold: 3 sold/],
    ['stock that leaked', { stock: stockOf({ available: 0, held: 0, sold: 1 }) }, /does not add up/],
    ['stock left over', { stock: stockOf({ available: 1, held: 0, sold: 1 }) }, /1 units are sold, 2 must be/],
    ['a hold without end', { stock: stockOf({ available: 0, held: 1, sold: 1 }) }, /1 of COAT are still held/],
    ['two truths', { stock: stockOf(figures, false) }, /Redis and Postgres differ about COAT/],
    ['a place admitted twice', { log: [admission(1), admission(1, 'other')] }, /places were admitted twice: 1/],
    ['a slot assigned twice', { log: [admission(1), admission(2, 'slot-1')] }, /slots were assigned twice: slot-1/],
    ['a lost admission', { log: [admission(1)] }, /the log has 1 admissions, the sale counts 2/],
    ['an admission without a join', { counts: { ...counts, joined: 1 } }, /2 buyers were admitted, only 1 had joined/],
    ['a second charge', { charges: [charge('a'), charge('b'), charge('b')] }, /charged twice: b/],
    ['a missing charge', { charges: [charge('a')] }, /confirmed orders have no charge: b/],
    [
      'money for nothing',
      { charges: [charge('a'), charge('b'), charge('c')] },
      /3 orders are paid for, 2 units are sold/,
    ],
    ['half a refund', { charges: [charge('a'), charge('b', { refundedMinor: 1 })] }, /refunded in part: b/],
  ])('finds %s', (_, wrong, fault) => {
    expect(saleFaults({ ...sound, ...wrong }, expected).join('\n')).toMatch(fault)
  })

  it('accepts holds that nobody pays for, exactly as many as there must be', () => {
    const held = { ...sound, stock: stockOf({ available: 0, held: 2, sold: 0 }), charges: [] }
    expect(saleFaults(held, { sold: 0, held: 2 })).toEqual([])
    expect(saleFaults(held, { sold: 0, held: 1 })).toEqual(['2 units are held, 1 must be'])
    expect(saleFaults(held, { sold: 0 })).toContain('2 of COAT are still held')
  })

  it('accepts charges of other sales, exactly as many as were paid for there', () => {
    const charges = [charge('a'), charge('b'), charge('elsewhere')]
    expect(saleFaults({ ...sound, charges }, { ...expected, paidElsewhere: 1 })).toEqual([])
    expect(saleFaults(sound, { ...expected, paidElsewhere: 1 })).toEqual(['2 orders are paid for, 3 units are sold'])
  })

  it('finds an order that was confirmed to two buyers', () => {
    expect(saleFaults(sound, { confirmed: ['a', 'a'] })).toContain('one order was confirmed to two buyers: a')
  })
})
