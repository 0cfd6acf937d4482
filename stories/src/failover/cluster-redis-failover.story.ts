import { type ClusterRedis, ownRedisMasters } from '@floodgate/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import { withSystem } from '../client/test-system.ts'
import { createChance } from '../kills/chance.ts'
import type { Fault } from '../kills/faults.ts'
import { masterOfTheLineDies, slotsMove } from './redis-faults.ts'
import { surviveFailover } from './survive-failover.ts'

let cluster: ClusterRedis | undefined
afterAll(() => cluster?.remove())
const testSystem = withSystem(async () => {
  cluster = await ownRedisMasters()
  return { existing: { redisUrl: cluster.url } }
})
const draw = createChance()

async function survive(makeFault: (cluster: ClusterRedis) => Fault): Promise<void> {
  if (cluster === undefined) throw new Error('The servers did not start.')
  const { system, responses } = testSystem()
  const deaths = system.deaths().length
  responses.reset()
  await surviveFailover(testSystem(), makeFault(cluster), { draw })
  expect(responses.withStatus(500)).toBe(0)
  expect(system.deaths().slice(deaths)).toEqual([])
}

describe('the counts stay exact, and no process of an app dies', () => {
  test("while the master of the sale's line dies", () => survive(masterOfTheLineDies))

  test("while the slots of the sale's line and stock move to other masters", () => survive(slotsMove))
})
