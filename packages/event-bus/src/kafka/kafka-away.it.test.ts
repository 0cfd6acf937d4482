import { silentLogger } from '@floodgate/testkit/fixtures'
import { expect, it } from 'vitest'
import { Stopped } from '../errors.ts'
import { createKafkaBus } from './kafka-bus.ts'

const log = silentLogger
/** An address on which nothing listens. */
const BROKER = '127.0.0.1:9'
/** The retries of kafkajs, which a close must not wait for. */
const RETRIES_MS_MIN = 5_000

it('a subscription whose cluster is unavailable ends when the bus is closed', async () => {
  const bus = createKafkaBus({ kind: 'kafka', brokers: [BROKER], clientId: 'test', onFatal: () => undefined, log })
  const joining = bus.subscribe({ group: 'test', topics: ['floodgate.orders'], handle: async () => undefined })
  const rejected = expect(joining).rejects.toBeInstanceOf(Stopped)
  const beganAtMs = performance.now()
  await bus.close()
  await rejected
  expect(performance.now() - beganAtMs).toBeLessThan(RETRIES_MS_MIN)
})
