import { appNames } from '@floodgate/dev/system'
import type { KafkaCluster } from '@floodgate/local-servers'
import { ownKafkaCluster } from '@floodgate/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import { withSystem } from '../client/test-system.ts'
import { createChance } from '../kills/chance.ts'
import type { Fault } from '../kills/faults.ts'
import { allBrokersRestart, brokerDies, leaderFallsMute, leadersMove, twoBrokersDie } from './kafka-faults.ts'
import { surviveFailover } from './survive-failover.ts'

const REPLICATED = { KAFKA_REPLICATION_FACTOR: '3', KAFKA_MIN_INSYNC_REPLICAS: '2' }

let servers: Awaited<ReturnType<typeof ownKafkaCluster>> | undefined
afterAll(() => servers?.remove())
const testSystem = withSystem(async () => {
  servers = await ownKafkaCluster()
  return {
    bus: 'kafka',
    existing: { kafkaBrokers: servers.brokers },
    environment: Object.fromEntries(appNames.map((app) => [app, REPLICATED])),
  }
})
const draw = createChance()

/** Survives a fault while every request of a buyer gets a response, none of them 500, and no process of an app dies. */
async function survive(makeFault: (cluster: KafkaCluster) => Fault): Promise<void> {
  if (servers === undefined) throw new Error('The brokers did not start.')
  const { system, responses } = testSystem()
  const deaths = system.deaths().length
  responses.reset()
  await surviveFailover(testSystem(), makeFault(servers), { draw })
  expect(responses.failed()).toEqual([])
  expect(responses.withStatus(500)).toBe(0)
  expect(system.deaths().slice(deaths)).toEqual([])
}

describe('the counts stay exact, and every request of a buyer gets a response', () => {
  test('while one of three brokers dies', () => survive((cluster) => brokerDies(cluster, draw)))

  test('while the leader of a hot partition falls mute', () => survive(leaderFallsMute))

  test('while the leaders of a hot topic move', () => survive(leadersMove))

  test('while two of three brokers die: everything waits, nothing is lost', () => survive(twoBrokersDie))

  test('while all brokers restart', () => survive(allBrokersRestart))
})
