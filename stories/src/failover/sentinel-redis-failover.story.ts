import { ownSentinelRedis, type SentinelRedis } from '@floodgate/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import { withSystem } from '../client/test-system.ts'
import { createChance } from '../kills/chance.ts'
import { primaryDies, primaryDiesWithItsLastWrites, primaryFallsMute } from './redis-faults.ts'
import { surviveFailover, surviveFailovers } from './survive-failover.ts'

let group: SentinelRedis | undefined
afterAll(() => group?.remove())
const testSystem = withSystem(async () => {
  group = await ownSentinelRedis()
  return { existing: { redisUrl: group.url } }
})
const draw = createChance()

/** Runs failovers in one sale while no process of an app dies, and no response is 500. */
async function survive(failover: (group: SentinelRedis) => Promise<void>): Promise<void> {
  if (group === undefined) throw new Error('The servers did not start.')
  const { system, responses } = testSystem()
  const deaths = system.deaths().length
  responses.reset()
  await failover(group)
  expect(responses.withStatus(500)).toBe(0)
  expect(system.deaths().slice(deaths)).toEqual([])
}

describe('the counts stay exact, and no process of an app dies', () => {
  test('while the primary dies, its successor falls mute and wakes, and the next one dies, all in one sale', () =>
    survive((group) =>
      surviveFailovers(testSystem(), [primaryDies(group), primaryFallsMute(group), primaryDies(group)], {
        ...{ buyersEach: 80, units: 200, draw },
        sale: { admitPerSecond: 12 },
      }),
    ))

  test('while the primary dies, and the promoted replica lacks the last writes', () =>
    survive((group) => surviveFailover(testSystem(), primaryDiesWithItsLastWrites(group), { draw })))
})
