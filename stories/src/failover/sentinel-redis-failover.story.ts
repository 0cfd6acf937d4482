import { ownSentinelRedis, type SentinelRedis } from '@floodgate/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import { withSystem } from '../client/test-system.ts'
import { createChance } from '../kills/chance.ts'
import type { Fault } from '../kills/faults.ts'
import { primaryDies, primaryDiesWithItsLastWrites, primaryFallsMute } from './redis-faults.ts'
import { surviveFailover } from './survive-failover.ts'

let group: SentinelRedis | undefined
afterAll(() => group?.remove())
const testSystem = withSystem(async () => {
  group = await ownSentinelRedis()
  return { existing: { redisUrl: group.url } }
})
const draw = createChance()

async function survive(makeFault: (group: SentinelRedis) => Fault): Promise<void> {
  if (group === undefined) throw new Error('The servers did not start.')
  const { system, responses } = testSystem()
  const deaths = system.deaths().length
  responses.reset()
  await surviveFailover(testSystem(), makeFault(group), { draw })
  expect(responses.withStatus(500)).toBe(0)
  expect(system.deaths().slice(deaths)).toEqual([])
}

describe('the counts stay exact, and no process of an app dies', () => {
  test('while the primary dies', () => survive(primaryDies))

  test('while the primary falls mute, and wakes after it was replaced', () => survive(primaryFallsMute))

  test('while the primary dies, and the promoted replica lacks the last writes', () =>
    survive(primaryDiesWithItsLastWrites))
})
