import { type ClusterRedis, ownRedisMasters } from '@floodgate/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import { withSystem } from '../client/test-system.ts'
import { createChance } from '../kills/chance.ts'
import { masterOfTheLineDies, salesOnTwoMasters, slotsMove } from './redis-faults.ts'
import { surviveBeside } from './survive-beside.ts'
import { surviveFailover } from './survive-failover.ts'

let cluster: ClusterRedis | undefined
afterAll(() => cluster?.remove())
const testSystem = withSystem(async () => {
  cluster = await ownRedisMasters()
  return { existing: { redisUrl: cluster.url } }
})
const draw = createChance()

/** Runs a failover while no process of an app dies, and no response is 500. */
async function survive(failover: (cluster: ClusterRedis) => Promise<void>): Promise<void> {
  if (cluster === undefined) throw new Error('The servers did not start.')
  const { system, responses } = testSystem()
  const deaths = system.deaths().length
  responses.reset()
  await failover(cluster)
  expect(responses.withStatus(500)).toBe(0)
  expect(system.deaths().slice(deaths)).toEqual([])
}

describe('the counts stay exact, and no process of an app dies', () => {
  test("while the master of one sale's line dies, and a sale on other masters goes on admitting", () =>
    survive(async (cluster) => {
      const sales = await salesOnTwoMasters(cluster, draw)
      await surviveBeside(testSystem(), masterOfTheLineDies(cluster, sales.hit), { ...sales, draw })
    }))

  test("while the slots of the sale's line and stock move to other masters", () =>
    survive((cluster) => surviveFailover(testSystem(), slotsMove(cluster), { draw })))
})
