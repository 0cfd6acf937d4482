import { describe, expect, test } from 'vitest'
import { tellStories } from './client/world.ts'
import { expectEverySlotBack } from './scenarios/expect-stock.ts'
import { expectExactCounts, startRush } from './scenarios/rush.ts'

const world = tellStories()

describe('five hundred buyers on a hundred units', () => {
  test('exactly a hundred get one, whoever tries again while not everything is sold', async () => {
    const rush = await startRush(world(), 'rush')
    await expectExactCounts(world(), rush)
    await expectEverySlotBack(world(), 'rush')
    const { counts } = await world().operator.sale('rush')
    expect(counts).toMatchObject({ joined: 500, admitted: 500, returned: 500 })
    expect(world().system.deaths()).toEqual([])
  })
})
