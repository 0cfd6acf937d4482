import { eventually } from '@floodgate/testkit'
import { expect } from 'vitest'
import type { TestSystem } from '../client/test-system.ts'

interface Figures {
  readonly available: number
  readonly held: number
  readonly sold: number
}

/** Expects that finally Redis and Postgres agree about the sale's one item, with these figures. */
export function expectStock(testSystem: TestSystem, sale: string, figures: Figures): Promise<void> {
  return eventually(
    async () => {
      const { agree, skus } = await testSystem.operator.stock(sale)
      expect(skus).toMatchObject([{ redis: figures, postgres: figures, agree: true }])
      expect(agree).toBe(true)
      const { available, held, sold } = figures
      expect(skus[0]?.total).toBe(available + held + sold)
    },
    { intervalMs: 100 },
  )
}

/** Expects that finally nobody is inside and nobody waits: every slot returned. */
export function expectEverySlotBack(testSystem: TestSystem, sale: string): Promise<void> {
  return eventually(
    async () => {
      const { counts } = await testSystem.operator.sale(sale)
      expect(counts).toMatchObject({ waiting: 0, away: 0, active: 0, returned: counts.admitted })
    },
    { intervalMs: 100 },
  )
}
