import type { FloodgateEvent } from '@floodgate/contracts'
import { describe, expect, it } from 'vitest'
import { salesOfEvents } from './sale-events.ts'

const at = (second: number) => `2026-01-01T00:00:0${second}.000Z`

const saleEvent = (sale: string, version: number, state: 'open' | 'paused' | 'closed'): FloodgateEvent => ({
  type: state === 'closed' ? 'sale.closed.v1' : 'sale.configured.v1',
  id: `${sale}-${version}`,
  source: '/floodgate/waiting-room',
  time: at(version),
  aggregateVersion: version,
  data: { sale, name: sale, state, opensAt: null, closesAt: null, at: at(version) },
})

describe('the sales in a batch of events', () => {
  it('are the newest state of each sale, whatever the order', () => {
    const sales = salesOfEvents([saleEvent('b', 2, 'paused'), saleEvent('a', 1, 'open'), saleEvent('b', 1, 'open')])
    expect(sales.map(({ id, version, state }) => [id, version, state])).toEqual([
      ['a', 1, 'open'],
      ['b', 2, 'paused'],
    ])
  })

  it('keep the first close as the time when a sale closed', () => {
    const [sale] = salesOfEvents([saleEvent('a', 2, 'closed'), saleEvent('a', 3, 'closed')])
    expect(sale).toMatchObject({ version: 3, closedAt: at(2) })
  })
})
