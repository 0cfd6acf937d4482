import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { eventually } from '@floodgate/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { declined } from './testing/events.ts'
import { createRecordingBus } from './testing/recording-bus.ts'
import { createTestRelays, type TestRelays } from './testing/relays.ts'
import { insertOutbox } from './write.ts'

const MINUTE = 60_000

let relays: TestRelays
beforeEach(async () => {
  relays = await createTestRelays()
})
afterEach(() => relays.remove())

describe('the relay', () => {
  it('publishes everything, in the order it was written, and marks it', async () => {
    const events = Array.from({ length: 1_234 }, (_, index) => declined(undefined, index + 1))
    await insertOutbox(relays.pool, 'payments', events)
    const bus = createRecordingBus()
    relays.relayTo(bus)
    await eventually(async () => expect(await relays.waiting()).toBe(0))
    expect(bus.keys()).toEqual(events.map((event) => event.data.order))
    expect(new Set(bus.ids()).size).toBe(events.length)
    expect(bus.state.calls).toBe(3)
    expect(bus.taken[0]?.headers).toMatchObject({ ce_source: '/floodgate/payment-worker', ce_aggregateversion: '1' })
  })

  it('keeps the order of a key over many transactions while it runs', async () => {
    const bus = createRecordingBus()
    const relay = relays.relayTo(bus, { rowsMax: 7 })
    const orders = [randomUUID(), randomUUID(), randomUUID()]
    for (let version = 1; version <= 40; version += 1) {
      await Promise.all(orders.map((order) => insertOutbox(relays.pool, 'payments', [declined(order, version)])))
      relay.wake()
    }
    await eventually(async () => expect(await relays.waiting()).toBe(0))
    for (const order of orders) {
      const versions = bus.taken
        .filter((event) => event.key === order)
        .map((event) => Number(event.headers.ce_aggregateversion))
      expect(versions).toEqual(Array.from({ length: 40 }, (_, index) => index + 1))
    }
  })

  it('publishes again, without a loss, when it is killed between publishing and marking', async () => {
    await relays.pool.query('create table published (id text)')
    await insertOutbox(relays.pool, 'payments', [declined(), declined(), declined()])
    const path = fileURLToPath(new URL('./testing/killed-relay.ts', import.meta.url))
    const child = spawn(process.execPath, [path, relays.databaseUrl], { stdio: 'inherit' })
    expect(await once(child, 'exit')).toEqual([null, 'SIGKILL'])
    const published = (await relays.pool.query('select id from published')).rows.map((row) => row.id)
    expect(published).toHaveLength(3)
    expect(await relays.waiting()).toBe(3)

    const bus = createRecordingBus()
    relays.relayTo(bus)

    await eventually(async () => expect(await relays.waiting()).toBe(0))
    expect(bus.ids().sort()).toEqual(published.sort())
  })

  it('runs in one process at a time; the next one takes over', async () => {
    const [left, right] = [createRecordingBus(), createRecordingBus()]
    const first = relays.relayTo(left)
    await eventually(() => expect(first.health()).toMatchObject({ ready: true, role: 'publishing' }))
    const second = relays.relayTo(right)
    await eventually(() => expect(second.health()).toMatchObject({ ready: true, role: 'waiting' }))
    await insertOutbox(relays.pool, 'payments', [declined(), declined()])
    await eventually(() => expect(left.taken).toHaveLength(2))

    await first.stop()
    await insertOutbox(relays.pool, 'payments', [declined()])

    await eventually(() => expect(right.taken).toHaveLength(1))
    expect(left.taken).toHaveLength(2)
    expect(first.health().ready).toBe(false)
  })

  it('is woken by a commit, in its own process or another, long before its poll', async () => {
    const bus = createRecordingBus()
    const holder = relays.relayTo(bus, { pollMs: 10 * MINUTE })
    await eventually(() => expect(holder.health().role).toBe('publishing'))
    const other = relays.relayTo(createRecordingBus(), { pollMs: 10 * MINUTE })
    await eventually(() => expect(other.health().role).toBe('waiting'))

    await insertOutbox(relays.pool, 'payments', [declined()])
    holder.wake()
    await eventually(() => expect(bus.taken).toHaveLength(1))
    await insertOutbox(relays.pool, 'payments', [declined()])
    other.wake()
    await eventually(() => expect(bus.taken).toHaveLength(2))
  })

  it('publishes a row that became visible after a later one was published', async () => {
    const bus = createRecordingBus()
    const [early, late] = [declined(), declined()]
    const slow = await relays.pool.connect()
    await slow.query('begin')
    await insertOutbox(slow, 'payments', [early])
    await insertOutbox(relays.pool, 'payments', [late])
    relays.relayTo(bus)
    await eventually(async () => expect(bus.keys()).toEqual([late.data.order]))

    await slow.query('commit')
    slow.release()

    await eventually(async () => expect(bus.keys()).toEqual([late.data.order, early.data.order]))
  })

  it('gives up a publish in progress when it loses its lock, and publishes after taking the lock again', async () => {
    const bus = createRecordingBus()
    bus.state.mode = 'hang'
    relays.relayTo(bus)
    await insertOutbox(relays.pool, 'payments', [declined()])
    await eventually(() => expect(bus.state.calls).toBe(1))

    await relays.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'floodgate-relay-payments'`,
    )
    await eventually(() => expect(bus.state.aborted).toBe(1))
    bus.state.mode = 'ok'

    await eventually(() => expect(bus.taken).toHaveLength(1))
    expect(relays.log.said('outbox relay: lock lost, retrying')).toHaveLength(1)
  })
})
