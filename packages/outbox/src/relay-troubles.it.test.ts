import { eventually } from '@floodgate/testkit'
import { Registry } from 'prom-client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createOutboxMetrics } from './outbox-metrics.ts'
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

describe('a relay', () => {
  it('keeps events while the bus is unavailable, logs that once, and resumes', async () => {
    const bus = createRecordingBus()
    bus.state.mode = 'away'
    const failures: unknown[] = []
    const relay = relays.relayTo(bus, { onPublishFailed: (error) => failures.push(error) })
    await insertOutbox(relays.pool, 'payments', [declined(), declined()])
    await eventually(() => expect(failures.length).toBeGreaterThan(2))
    expect(relays.log.said('publishing failed')).toHaveLength(1)
    expect(await relays.waiting()).toBe(2)
    expect(relay.health().ready).toBe(true)

    bus.state.mode = 'ok'

    await eventually(async () => expect(await relays.waiting()).toBe(0))
    expect(bus.taken).toHaveLength(2)
    expect(relays.log.said('publishing again')).toHaveLength(1)
  })

  it('sets a row aside that can never be published, and sends the others', async () => {
    const parked: string[] = []
    const sound = [declined(), declined()]
    await insertOutbox(relays.pool, 'payments', sound.slice(0, 1))
    const insert = `insert into payments.outbox (type, key, version, data) values ($1, 'k', 1, $2)`
    await relays.pool.query(insert, ['payment.declined.v1', '{"sale":"demo"}'])
    await relays.pool.query(insert, ['payment.eaten.v1', '{}'])
    await relays.pool.query(insert, ['payment.declined.v1', 'no JSON'])
    await insertOutbox(relays.pool, 'payments', sound.slice(1))
    const bus = createRecordingBus()

    relays.relayTo(bus, { onParked: ({ type }) => parked.push(type) })

    await eventually(() => expect(bus.keys()).toEqual(sound.map((event) => event.data.order)))
    expect(parked.sort()).toEqual(['payment.declined.v1', 'payment.declined.v1', 'payment.eaten.v1'])
    const { rows } = await relays.pool.query(
      'select parked_reason from payments.outbox where parked_at is not null order by id',
    )
    expect(rows[1]).toEqual({ parked_reason: 'unknown event type payment.eaten.v1' })
  })

  it('deletes rows sent a minute ago, and reports how many wait', async () => {
    await insertOutbox(relays.pool, 'payments', [declined(), declined()])
    await relays.pool.query(`update payments.outbox set sent_at = now() - interval '2 minutes'`)
    const bus = createRecordingBus()
    bus.state.mode = 'away'
    await insertOutbox(relays.pool, 'payments', [declined()])
    const backlogs: object[] = []

    relays.relayTo(bus, { onBacklog: (backlog) => backlogs.push(backlog) })

    await eventually(() => expect(backlogs[0]).toMatchObject({ unsent: 1, parked: 0 }))
    expect((await relays.pool.query('select from payments.outbox')).rowCount).toBe(1)
  })

  it('exports waiting, failed and set-aside events as metrics', async () => {
    const registry = new Registry()
    const figure = async (name: string) =>
      Number(new RegExp(`^${name}(?:\\{.*\\})? (\\S+)$`, 'm').exec(await registry.metrics())?.[1])
    const bus = createRecordingBus()
    bus.state.mode = 'away'
    await insertOutbox(relays.pool, 'payments', [declined()])
    await relays.pool.query(
      `insert into payments.outbox (type, key, version, data) values ('payment.eaten.v1', 'k', 1, '{}')`,
    )
    relays.relayTo(bus, createOutboxMetrics(registry))

    await eventually(async () => expect(await figure('floodgate_outbox_publish_failures_total')).toBeGreaterThan(0))
    expect(await figure('floodgate_outbox_parked_total')).toBe(1)
    await eventually(async () => expect(await figure('floodgate_outbox_parked')).toBe(1), { timeoutMs: MINUTE })
    expect(await figure('floodgate_outbox_unsent')).toBe(1)
    expect(await figure('floodgate_outbox_oldest_age_seconds')).toBeGreaterThan(0)
  })
})
