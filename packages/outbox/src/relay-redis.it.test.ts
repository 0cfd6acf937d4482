import { createPool, migrate } from '@floodgate/database'
import { createEventBus, type EventBus } from '@floodgate/event-bus'
import { cutLastSecond, eventually, type FreshDatabase, freshDatabase, ownRedis } from '@floodgate/testkit'
import type pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createRelay, type Relay } from './relay.ts'
import { declined } from './testing/events.ts'
import { createRecordingLog } from './testing/recording-bus.ts'
import { insertOutbox } from './write.ts'

describe('the relay on the Redis bus', () => {
  let redis: Awaited<ReturnType<typeof ownRedis>>
  let database: FreshDatabase
  let pool: pg.Pool
  let bus: EventBus
  let relay: Relay
  const log = createRecordingLog()

  beforeEach(async () => {
    ;[redis, database] = await Promise.all([ownRedis(), freshDatabase()])
    await migrate(database.url)
    pool = createPool(database.url, { max: 4 })
    const onStoreRestart = () => relay.resendLastMinute()
    bus = createEventBus({ kind: 'redis', redisUrl: redis.url, clientId: 'test', log, onStoreRestart })
    relay = createRelay({ schema: 'payments', source: '/test', pool, databaseUrl: database.url, bus, log })
    relay.start()
  })
  afterEach(async () => {
    await relay.stop()
    await bus.close()
    await pool.end()
    await Promise.all([database.drop(), redis.remove()])
  })

  it('loses nothing when Redis is killed and restarted without its newest events', async () => {
    const events = Array.from({ length: 50 }, () => declined())
    await insertOutbox(pool, 'payments', events)
    relay.wake()
    await eventually(async () => expect(await unsent()).toBe(0))
    await redis.kill()
    await insertOutbox(pool, 'payments', [declined()])
    relay.wake()

    expect(await cutLastSecond(redis.aofDir)).toBeGreaterThan(0)
    await redis.restart()

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
    expect(log.said('the last minute is sent again')).toHaveLength(1)
  })

  async function unsent(): Promise<number> {
    return (await pool.query('select from payments.outbox where sent_at is null')).rowCount ?? -1
  }
})
