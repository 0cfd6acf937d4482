import { createEventBus, type EventBus } from '@floodgate/event-bus'
import { createTestDatabase, cutLastSecond, eventually, ownRedis, type TestDatabase } from '@floodgate/testkit'
import type { Pool } from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createRelay, type Relay } from './relay.ts'
import { declined } from './testing/events.ts'
import { createRecordingLog } from './testing/recording-bus.ts'
import { insertOutbox } from './write.ts'

describe('the relay on the Redis bus', () => {
  let redis: Awaited<ReturnType<typeof ownRedis>>
  let database: TestDatabase
  let pool: Pool
  let bus: EventBus
  let relay: Relay
  const log = createRecordingLog()

  beforeEach(async () => {
    ;[redis, database] = await Promise.all([ownRedis(), createTestDatabase({ connectionsMax: 4 })])
    pool = database.pool
    startProcess()
  })
  afterEach(async () => {
    await relay.stop()
    await bus.close()
    await Promise.all([database.remove(), redis.remove()])
  })

  function startProcess(): void {
    bus = createEventBus({ kind: 'redis', redisUrl: redis.url, clientId: 'test', log })
    relay = createRelay({ schema: 'payments', source: '/test', pool, databaseUrl: database.url, bus, log })
    relay.start()
  }

  it.each(['lives on', 'dies with it'])(
    'loses nothing when Redis loses its newest events and the process %s',
    async (fate) => {
      const events = Array.from({ length: 50 }, () => declined())
      await insertOutbox(pool, 'payments', events)
      relay.wake()
      await eventually(async () => expect(await unsent()).toBe(0))
      await redis.kill()
      if (fate === 'dies with it') {
        await relay.stop()
        await bus.close()
      }
      await insertOutbox(pool, 'payments', [declined()])

      expect(await cutLastSecond(redis.aofDir)).toBeGreaterThan(0)
      await redis.restart()
      if (fate === 'dies with it') startProcess()

      const received = new Set<string>()
      await bus.subscribe({
        group: 'test.reader',
        topics: ['floodgate.payments'],
        handle: async (batch) => {
          for (const event of batch) received.add(event.id)
        },
      })
      await eventually(() => expect(received.size).toBe(51))
      await eventually(async () => expect(await unsent()).toBe(0))
      expect(log.said('last minute sent again')).toHaveLength(1)
      log.lines.splice(0)
    },
  )

  async function unsent(): Promise<number> {
    return (await pool.query('select from payments.outbox where sent_at is null')).rowCount ?? -1
  }
})
