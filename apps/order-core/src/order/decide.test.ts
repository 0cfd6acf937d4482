import { type OrderStatus, orderStatus } from '@floodgate/contracts'
import { describe, expect, it } from 'vitest'
import { decide, decideFor, type OrderFact, orderFacts } from './decide.ts'

/** `-`: changes nothing. */
const table = `
                        pending                 confirmed  cancelled       refund_pending  refunded  refund_parked
payment-succeeded       confirmed               -          refund_pending  -               -         -
late-payment-covered    -                       -          confirmed       -               -         -
payment-declined        cancelled(declined)     -          -               -               -         -
payment-refunded        -                       -          -               refunded        -         refunded
payment-refund-refused  -                       -          -               refund_parked   -         -
hold-expired            cancelled(expired)      -          -               -               -         -
cancelled-by-buyer      cancelled(by-buyer)     -          -               -               -         -
cancelled-by-operator   cancelled(by-operator)  -          -               -               -         -
refund-repeated         -                       -          -               refund_pending  -         refund_pending
nothing-to-pay          confirmed               -          -               -               -         -
`
const [header = [], ...rows] = table
  .trim()
  .split('\n')
  .map((line) => line.trim().split(/\s+/))
const cases = rows.flatMap(([fact, ...cells]) =>
  header.map((status, column) => ({
    fact: fact as OrderFact,
    status: status as OrderStatus,
    expected: String(cells[column]),
  })),
)

const shown = (status: OrderStatus, fact: OrderFact) => {
  const decision = decide(status, fact)
  if (decision.kind === 'ignore') return '-'
  return decision.cancelReason === undefined ? decision.to : `${decision.to}(${decision.cancelReason})`
}

describe('the table of moves', () => {
  it('has a row for every fact and a column for every state', () => {
    expect(header).toEqual(orderStatus.options)
    expect(rows.map(([fact]) => fact)).toEqual([...orderFacts])
  })

  it.each(cases)('$fact on a $status order: $expected', ({ status, fact, expected }) => {
    expect(shown(status, fact)).toBe(expected)
  })

  it('announces every move by the event of the new state', () => {
    const announcements = cases.flatMap(({ status, fact }) => {
      const decision = decide(status, fact)
      return decision.kind === 'move' ? [`${decision.to} ${decision.announce}`] : []
    })
    expect([...new Set(announcements)].sort()).toEqual([
      'cancelled order.cancelled.v1',
      'confirmed order.confirmed.v1',
      'refund_parked order.refund-parked.v1',
      'refund_pending order.refund-requested.v1',
      'refunded order.refunded.v1',
    ])
  })

  it('explains why nothing changes', () => {
    expect(decide('refunded', 'payment-succeeded')).toEqual({
      kind: 'ignore',
      reason: 'payment-succeeded changes nothing about a refunded order',
    })
  })

  it('leads every order to an end: no move returns to pending or leaves confirmed and refunded', () => {
    for (const fact of orderFacts) {
      expect(decide('confirmed', fact).kind).toBe('ignore')
      expect(decide('refunded', fact).kind).toBe('ignore')
      for (const status of orderStatus.options) expect(decide(status, fact)).not.toMatchObject({ to: 'pending' })
    }
  })
})

describe('a free order', () => {
  const free = (status: OrderStatus, fact: OrderFact) => decideFor({ status, totalMinor: 0 }, fact)

  it('is confirmed without a payment, at its deadline at the latest', () => {
    expect(free('pending', 'nothing-to-pay')).toEqual(decide('pending', 'nothing-to-pay'))
    expect(free('pending', 'hold-expired')).toMatchObject({ to: 'confirmed', announce: 'order.confirmed.v1' })
  })

  it.each(orderStatus.options)('%s is not moved by a payment, made or declined', (status) => {
    expect(free(status, 'payment-succeeded').kind).toBe('ignore')
    expect(free(status, 'late-payment-covered').kind).toBe('ignore')
    expect(free(status, 'payment-declined').kind).toBe('ignore')
  })

  it('is cancelled like any other while pending, and no refund is requested afterwards', () => {
    expect(free('pending', 'cancelled-by-buyer')).toMatchObject({ to: 'cancelled' })
    for (const fact of orderFacts) expect(free('cancelled', fact).kind).toBe('ignore')
  })
})

it('an order that is not free is never confirmed without a payment', () => {
  for (const status of orderStatus.options)
    for (const totalMinor of [1, Number.MAX_SAFE_INTEGER])
      expect(decideFor({ status, totalMinor }, 'nothing-to-pay').kind).toBe('ignore')
  expect(decideFor({ status: 'pending', totalMinor: 1 }, 'hold-expired')).toMatchObject({ to: 'cancelled' })
})
