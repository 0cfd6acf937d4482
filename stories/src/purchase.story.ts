import { describe, test } from 'vitest'
import { tellStories } from './client/world.ts'
import { buys } from './scenarios/buys.ts'
import { payWithAnotherCard } from './scenarios/pay-with-another-card.ts'

const world = tellStories()

describe('a purchase', () => {
  test('is paid, confirmed, mailed, and its slot goes to the next in line', () => buys(world()))

  test('whose card was declined succeeds with another card on the same slot', () => payWithAnotherCard(world()))
})
