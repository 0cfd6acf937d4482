import { describe, test } from 'vitest'
import { withSystem } from '../client/test-system.ts'
import { createChance } from '../kills/chance.ts'
import { kill } from '../kills/faults.ts'
import { surviveSilence } from '../kills/stay-mute.ts'
import { surviveInRush } from '../kills/survive.ts'
import { buys } from '../scenarios/buys.ts'
import { expectEverySlotBack } from '../scenarios/expect-stock.ts'
import { payWithAnotherCard } from '../scenarios/pay-with-another-card.ts'
import { expectExactCounts, startRush } from '../scenarios/rush.ts'
import { stopWhileKafkaIsMute } from './stop-mute.ts'

const testSystem = withSystem({ bus: 'kafka' })
const draw = createChance()

describe('on Kafka', () => {
  test('a purchase is paid, confirmed, mailed, and its slot goes to the next in line', () => buys(testSystem()))

  test('a declined card leaves the slot for another card', () => payWithAnotherCard(testSystem()))

  test('of five hundred buyers exactly a hundred get one', async () => {
    const rush = await startRush(testSystem(), 'rush')
    await expectExactCounts(testSystem(), rush)
    await expectEverySlotBack(testSystem(), 'rush')
  })

  test('the counts stay exact while Kafka is unresponsive', () => surviveSilence(testSystem(), 'kafka'))

  test('every app stops in order while Kafka is unresponsive, and the next processes continue', () =>
    stopWhileKafkaIsMute(testSystem()))

  test('the counts stay exact when the payment worker is killed', () =>
    surviveInRush(testSystem(), draw, () => kill('payment-worker', draw)))
})
