import { describe, test } from 'vitest'
import { tellStories } from '../client/world.ts'
import { kill } from '../kills/blows.ts'
import { createChance } from '../kills/chance.ts'
import { surviveSilence } from '../kills/stay-mute.ts'
import { surviveInRush } from '../kills/survive.ts'
import { buys } from '../scenarios/buys.ts'
import { expectEverySlotBack } from '../scenarios/expect-stock.ts'
import { payWithAnotherCard } from '../scenarios/pay-with-another-card.ts'
import { expectExactCounts, startRush } from '../scenarios/rush.ts'
import { stopWhileKafkaIsMute } from './stop-mute.ts'

const world = tellStories({ bus: 'kafka' })
const draw = createChance()

describe('on Kafka', () => {
  test('a purchase is paid, confirmed, mailed, and its slot goes to the next in line', () => buys(world()))

  test('a declined card leaves the slot for another card', () => payWithAnotherCard(world()))

  test('of five hundred buyers exactly a hundred get one', async () => {
    const rush = await startRush(world(), 'rush')
    await expectExactCounts(world(), rush)
    await expectEverySlotBack(world(), 'rush')
  })

  test('the counts stay exact while Kafka is mute', () => surviveSilence(world(), 'kafka'))

  test('every app stops in order while Kafka is mute, and the next processes go on', () =>
    stopWhileKafkaIsMute(world()))

  test('the counts stay exact when the payment worker is killed', () =>
    surviveInRush(world(), draw, () => kill('payment-worker', draw)))
})
