import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createTestDatabase, eventually, type TestDatabase } from '@floodgate/testkit'
import type { Pool } from 'pg'
import { Registry } from 'prom-client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createOutboxMetrics } from './outbox-metrics.ts'
import { createRelay, type Relay } from './relay.ts'
import type { RelayOptions } from './relay-options.ts'
import { declined } from './testing/events.ts'
import { createRecordingBus, createRecordingLog } from './testing/recording-bus.ts'
import { insertOutbox } from './write.ts'

const MINUTE = 60_000

describe('the relay', () => {
  let database: TestDatabase
  let pool: Pool
  let log: ReturnType<typeof createRecordingLog>
  const started = new Set<Relay>()

  beforeEach(async () => {
    database = await createTestDatabase({ connectionsMax: 6 })
    pool = database.pool
    log = createRecordingLog()
  })
  afterEach(async () => {
    await Promise.all([...started].map((relay) => relay.stop()))
    started.clear()
    await database.remove()
  })

  function relayTo(bus: RelayOptions['bus'], options: Partial<RelayOptions> = {}): Relay {
    const own = { schema: 'payments', source: '/floodgate/payment-worker', pollMs: 20, ...options } as const
    const relay = createRelay({ pool, databaseUrl: database.url, bus, log, ...own })
    started.add(relay)
    relay.start()
    return relay
  }

  async function waiting(): Promise<number> {
    const { rows } = await pool.query('select count(*)::int as n from payments.outbox where sent_at is null')
    return rows[0].n
  }

  it('publishes everything, in the order it was written, and marks it', async () => {
    const events = Array.from({ length: 1_234 }, (_, index) => declined(undefined, index + 1))
    await insertOutbox(pool, 'payments', events)
    const bus = createRecordingBus()
    relayTo(bus)
    await eventually(async () => expect(await waiting()).toBe(0))
    expect(bus.keys()).toEqual(events.map((event) => event.data.order))
    expect(new Set(bus.ids()).size).toBe(events.length)
    expect(bus.state.calls).toBe(3)
    expect(bus.taken[0]?.headers).toMatchObject({ ce_source: '/floodgate/payment-worker', ce_aggregateversion: '1' })
  })

  it('keeps the order of a key over many transactions while it runs', async () => {
    const bus = createRecordingBus()
    const relay = relayTo(bus, { rowsMax: 7 })
    const orders = [randomUUID(), randomUUID(), randomUUID()]
    for (let version = 1; version <= 40; version += 1) {
      await Promise.all(orders.map((order) => insertOutbox(pool, 'payments', [declined(order, version)])))
      relay.wake()
    }
    await eventually(async () => expect(await waiting()).toBe(0))
    for (const order of orders) {
      const versions = bus.taken
        .filter((event) => event.key === order)
        .map((event) => Number(event.headers.ce_aggregateversion))
      expect(versions).toEqual(Array.from({ length: 40 }, (_, index) => index + 1))
    }
  })

  it('publishes again, and loses nothing, when it is killed between publishing and marking', async () => {
    await pool.query('create table published (id text)')
    await insertOutbox(pool, 'payments', [declined(), declined(), declined()])
    const path = fileURLToPath(new URL('./testing/killed-relay.ts', import.meta.url))
    const child = spawn(process.execPath, [path, database.url], { stdio: 'inherit' })
    expect(await once(child, 'exit')).toEqual([null, 'SIGKILL'])
    const published = (await pool.query('select id from published')).rows.map((row) => row.id)
    expect(published).toHaveLength(3)
    expect(await waiting()).toBe(3)

    const bus = createRecordingBus()
    relayTo(bus)

    await eventually(async () => expect(await waiting()).toBe(0))
    expect(bus.ids().sort()).toEqual(published.sort())
  })

  it('runs in one process at a time; the next one takes over', async () => {
    const [left, right] = [createRecordingBus(), createRecordingBus()]
    const first = relayTo(left)
    await eventually(() => expect(first.health()).toMatchObject({ ready: true, role: 'publishing' }))
    const second = relayTo(right)
    await eventually(() => expect(second.health()).toMatchObject({ ready: true, role: 'waiting' }))
    await insertOutbox(pool, 'payments', [declined(), declined()])
    await eventually(() => expect(left.taken).toHaveLength(2))

    await first.stop()
    await insertOutbox(pool, 'payments', [declined()])

    await eventually(() => expect(right.taken).toHaveLength(1))
    expect(left.taken).toHaveLength(2)
    expect(first.health().ready).toBe(false)
  })

  it('is woken by a commit, in its own process and in another, long before it would poll', async () => {
    const bus = createRecordingBus()
    const holder = relayTo(bus, { pollMs: 10 * MINUTE })
    await eventually(() => expect(holder.health().role).toBe('publishing'))
    const other = relayTo(createRecordingBus(), { pollMs: 10 * MINUTE })
    await eventually(() => expect(other.health().role).toBe('waiting'))

    await insertOutbox(pool, 'payments', [declined()])
    holder.wake()
    await eventually(() => expect(bus.taken).toHaveLength(1))
    await insertOutbox(pool, 'payments', [declined()])
    other.wake()
    await eventually(() => expect(bus.taken).toHaveLength(2))
  })

  it('sends a row that became visible after a later one was sent', async () => {
    const bus = createRecordingBus()
    const [early, late] = [declined(), declined()]
    const slow = await pool.connect()
    await slow.query('begin')
    await insertOutbox(slow, 'payments', [early])
    await insertOutbox(pool, 'payments', [late])
    relayTo(bus)
    await eventually(async () => expect(bus.keys()).toEqual([late.data.order]))

    await slow.query('commit')
    slow.release()

    await eventually(async () => expect(bus.keys()).toEqual([late.data.order, early.data.order]))
  })

  it('lets events wait while the bus is away, says so once, and resumes', async () => {
    const bus = createRecordingBus()
    bus.state.mode = 'away'
    const failures: unknown[] = []
    const relay = relayTo(bus, { onPublishFailed: (error) => failures.push(error) })
    await insertOutbox(pool, 'payments', [declined(), declined()])
    await eventually(() => expect(failures.length).toBeGreaterThan(2))
    expect(log.said('can not publish')).toHaveLength(1)
    expect(await waiting()).toBe(2)
    expect(relay.health().ready).toBe(true)

    bus.state.mode = 'ok'

    await eventually(async () => expect(await waiting()).toBe(0))
    expect(bus.taken).toHaveLength(2)
    expect(log.said('publishing again')).toHaveLength(1)
  })

  it('puts a row aside that can never be published, and sends the others', async () => {
    const parked: string[] = []
    const sound = [declined(), declined()]
    await insertOutbox(pool, 'payments', sound.slice(0, 1))
    const insert = `insert into payments.outbox (type, key, version, data) values ($1, 'k', 1, $2)`
    await pool.query(insert, ['payment.declined.v1', '{"sale":"demo"}'])
    await pool.query(insert, ['payment.eaten.v1', '{}'])
    await pool.query(insert, ['payment.declined.v1', 'no JSON'])
    await insertOutbox(pool, 'payments', sound.slice(1))
    const bus = createRecordingBus()

    relayTo(bus, { onParked: ({ type }) => parked.push(type) })

    await eventually(() => expect(bus.keys()).toEqual(sound.map((event) => event.data.order)))
    expect(parked.sort()).toEqual(['payment.declined.v1', 'payment.declined.v1', 'payment.eaten.v1'])
    const { rows } = await pool.query(
      'select parked_reason from payments.outbox where parked_at is not null order by id',
    )
    expect(rows[1]).toEqual({ parked_reason: 'unknown event type payment.eaten.v1' })
  })

  it('gives up the publish under way when it loses its lock, and publishes after taking it anew', async () => {
    const bus = createRecordingBus()
    bus.state.mode = 'hang'
    relayTo(bus)
    await insertOutbox(pool, 'payments', [declined()])
    await eventually(() => expect(bus.state.calls).toBe(1))

    await pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'floodgate-relay-payments'`,
    )
    await eventually(() => expect(bus.state.aborted).toBe(1))
    bus.state.mode = 'ok'

    await eventually(() => expect(bus.taken).toHaveLength(1))
    expect(log.said('lock is lost')).toHaveLength(1)
  })

  it('sends again what it keeps when the bus was restarted, also what was sent by a clock that ran ahead', async () => {
    let run = 'one'
    const bus = { ...createRecordingBus(), storeRun: () => run }
    const events = [declined(), declined()]
    relayTo(bus)
    await insertOutbox(pool, 'payments', events)
    await eventually(async () => expect(await waiting()).toBe(0))
    const [ahead] = events
    await pool.query(`update payments.outbox set sent_at = now() + interval '1 hour' where key = $1`, [
      ahead?.data.order,
    ])

    run = 'two'

    const sent = events.map((event) => event.data.order)
    await eventually(() => expect(bus.keys()).toEqual([...sent, ...sent]))
    expect(bus.ids().slice(0, 2)).toEqual(bus.ids().slice(2))
  })

  it('does so too when the processes died with the bus, and were away for longer than sent events are kept', async () => {
    const before = { ...createRecordingBus(), storeRun: () => 'one' }
    const relay = relayTo(before)
    const events = [declined(), declined()]
    await insertOutbox(pool, 'payments', events)
    await eventually(async () => expect(await waiting()).toBe(0))
    await relay.stop()
    await pool.query(`update payments.outbox set sent_at = sent_at - interval '10 minutes'`)

    const after = { ...createRecordingBus(), storeRun: () => 'two' }
    relayTo(after)

    await eventually(() => expect(after.keys()).toEqual(events.map((event) => event.data.order)))
    await eventually(async () => expect(await waiting()).toBe(0))
  })

  it('sends nothing again to the run it last published to', async () => {
    const bus = { ...createRecordingBus(), storeRun: () => 'one' }
    const first = relayTo(bus)
    await insertOutbox(pool, 'payments', [declined()])
    await eventually(async () => expect(await waiting()).toBe(0))
    await first.stop()
    relayTo(bus)
    await insertOutbox(pool, 'payments', [declined()])
    await eventually(() => expect(bus.taken).toHaveLength(2))
  })

  it('forgets nothing while the run of the bus is not known', async () => {
    let run: string | undefined = 'one'
    const bus = { ...createRecordingBus(), storeRun: () => run }
    const relay = relayTo(bus)
    await insertOutbox(pool, 'payments', [declined()])
    await eventually(async () => expect(await waiting()).toBe(0))
    await relay.stop()
    await pool.query(`update payments.outbox set sent_at = now() - interval '2 minutes'`)
    run = undefined
    const backlogs: object[] = []
    relayTo(bus, { onBacklog: (backlog) => backlogs.push(backlog) })
    await eventually(() => expect(backlogs).toHaveLength(1))
    expect((await pool.query('select from payments.outbox')).rowCount).toBe(1)
  })

  it('forgets what was sent a minute ago, and tells how much waits', async () => {
    await insertOutbox(pool, 'payments', [declined(), declined()])
    await pool.query(`update payments.outbox set sent_at = now() - interval '2 minutes'`)
    const bus = createRecordingBus()
    bus.state.mode = 'away'
    await insertOutbox(pool, 'payments', [declined()])
    const backlogs: object[] = []

    relayTo(bus, { onBacklog: (backlog) => backlogs.push(backlog) })

    await eventually(() => expect(backlogs[0]).toMatchObject({ unsent: 1, parked: 0 }))
    expect((await pool.query('select from payments.outbox')).rowCount).toBe(1)
  })

  it('shows as metrics what waits, what failed and what was put aside', async () => {
    const registry = new Registry()
    const figure = async (name: string) =>
      Number(new RegExp(`^${name}(?:\\{.*\\})? (\\S+)$`, 'm').exec(await registry.metrics())?.[1])
    const bus = createRecordingBus()
    bus.state.mode = 'away'
    await insertOutbox(pool, 'payments', [declined()])
    await pool.query(`insert into payments.outbox (type, key, version, data) values ('payment.eaten.v1', 'k', 1, '{}')`)
    relayTo(bus, createOutboxMetrics(registry))

    await eventually(async () => expect(await figure('floodgate_outbox_publish_failures_total')).toBeGreaterThan(0))
    expect(await figure('floodgate_outbox_parked_total')).toBe(1)
    await eventually(async () => expect(await figure('floodgate_outbox_parked')).toBe(1), { timeoutMs: MINUTE })
    expect(await figure('floodgate_outbox_unsent')).toBe(1)
    expect(await figure('floodgate_outbox_oldest_age_seconds')).toBeGreaterThan(0)
  })
})
