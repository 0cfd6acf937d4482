import { eventually } from '@floodgate/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { declined } from './testing/events.ts'
import { createRecordingBus } from './testing/recording-bus.ts'
import { createTestRelays, type TestRelays } from './testing/relays.ts'
import { insertOutbox } from './write.ts'

let relays: TestRelays
beforeEach(async () => {
  relays = await createTestRelays()
})
afterEach(() => relays.remove())

describe('a relay whose bus was restarted', () => {
  it('sends its kept events again when the bus was restarted, also those sent by a clock that ran ahead', async () => {
    let run = 'one'
    const bus = { ...createRecordingBus(), storeRun: () => run }
    const events = [declined(), declined()]
    relays.relayTo(bus)
    await insertOutbox(relays.pool, 'payments', events)
    await eventually(async () => expect(await relays.waiting()).toBe(0))
    const [ahead] = events
    await relays.pool.query(`update payments.outbox set sent_at = now() + interval '1 hour' where key = $1`, [
      ahead?.data.order,
    ])

    run = 'two'

    const sent = events.map((event) => event.data.order)
    await eventually(() => expect(bus.keys()).toEqual([...sent, ...sent]))
    expect(bus.ids().slice(0, 2)).toEqual(bus.ids().slice(2))
  })

  it('also does so when the processes died with the bus and stayed down for longer than sent events are kept', async () => {
    const before = { ...createRecordingBus(), storeRun: () => 'one' }
    const relay = relays.relayTo(before)
    const events = [declined(), declined()]
    await insertOutbox(relays.pool, 'payments', events)
    await eventually(async () => expect(await relays.waiting()).toBe(0))
    await relay.stop()
    await relays.pool.query(`update payments.outbox set sent_at = sent_at - interval '10 minutes'`)

    const after = { ...createRecordingBus(), storeRun: () => 'two' }
    relays.relayTo(after)

    await eventually(() => expect(after.keys()).toEqual(events.map((event) => event.data.order)))
    await eventually(async () => expect(await relays.waiting()).toBe(0))
  })

  it('sends nothing again to the run it last published to', async () => {
    const bus = { ...createRecordingBus(), storeRun: () => 'one' }
    const first = relays.relayTo(bus)
    await insertOutbox(relays.pool, 'payments', [declined()])
    await eventually(async () => expect(await relays.waiting()).toBe(0))
    await first.stop()
    relays.relayTo(bus)
    await insertOutbox(relays.pool, 'payments', [declined()])
    await eventually(() => expect(bus.taken).toHaveLength(2))
  })

  it('deletes nothing while the run of the bus is unknown', async () => {
    let run: string | undefined = 'one'
    const bus = { ...createRecordingBus(), storeRun: () => run }
    const relay = relays.relayTo(bus)
    await insertOutbox(relays.pool, 'payments', [declined()])
    await eventually(async () => expect(await relays.waiting()).toBe(0))
    await relay.stop()
    await relays.pool.query(`update payments.outbox set sent_at = now() - interval '2 minutes'`)
    run = undefined
    const backlogs: object[] = []
    relays.relayTo(bus, { onBacklog: (backlog) => backlogs.push(backlog) })
    await eventually(() => expect(backlogs).toHaveLength(1))
    expect((await relays.pool.query('select from payments.outbox')).rowCount).toBe(1)
  })
})
