import { expect, it } from 'vitest'
import type { Snapshot } from './read-ledger.ts'
import { writeStock } from './write-stock.ts'

const EMPTY = { items: [], version: 1, currency: 'EUR' }

async function* noPages(): AsyncGenerator<never> {}

/** A snapshot of a sale without items. */
const nothing: Snapshot = {
  beganAtMs: 0,
  readStock: async () => EMPTY,
  readBarred: noPages,
  readCorrected: noPages,
  readCampaigns: async () => [],
  readClaims: noPages,
  readOrders: noPages,
}

it.each([
  ['revoked admissions', 'readBarred'],
  ['corrections', 'readCorrected'],
  ['vouchers', 'readClaims'],
  ['orders', 'readOrders'],
] as const)(
  'a rebuild leaves time for other work between two pages of %s, and none begins after its end',
  async (_, read) => {
    const ending = new AbortController()
    let others = 0
    const othersAtPage: number[] = []
    async function* pages() {
      for (;;) {
        othersAtPage.push(others)
        setImmediate(() => {
          others += 1
        })
        if (othersAtPage.length === 4) ending.abort()
        yield [{ json: '"a",1', ledger: '"a",1', slot: '"a",1', hold: '1,"a"' }]
      }
    }
    const written: string[] = []
    const work = writeStock(async (key) => void written.push(key), {
      ...{ sale: 'demo', signal: ending.signal, onFirstOrders: async () => undefined },
      snapshot: { ...nothing, [read]: pages },
    })
    await expect(work).rejects.toThrow('aborted')
    // No page waits for a server here: what ran since the page before the last ran in the pauses.
    expect(othersAtPage).toHaveLength(4)
    expect(othersAtPage[3]).toBeGreaterThanOrEqual(2)
    expect(new Set(written).size).toBeGreaterThan(0)
  },
)
