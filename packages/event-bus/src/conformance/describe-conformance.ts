import { eventually } from '@floodgate/testkit'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { beginSubscription } from '../begin-subscription.ts'
import { describeDelivery } from './describe-delivery.ts'
import { describeFailures } from './describe-failures.ts'
import { describeGroups } from './describe-groups.ts'
import { describeLetters } from './describe-letters.ts'
import { describeMetrics } from './describe-metrics.ts'
import { describePause } from './describe-pause.ts'
import { type ConformanceFixture, type ConformanceServer, createFixture } from './fixture.ts'
import { firstsOf, idOf, upTo, versionsOf } from './ids.ts'
import { keysOf } from './sample-events.ts'

/** Longer than a bus takes to see that its server is gone. */
const FAIL_MS = 500

/** Tests what every adapter of the bus guarantees, on a real server. `start` starts one for this suite only. */
export function describeConformance(name: string, start: () => Promise<ConformanceServer>): void {
  describe(`the event bus on ${name}`, () => {
    let server: ConformanceServer
    let fixture: ConformanceFixture
    beforeAll(async () => {
      server = await start()
    })
    afterAll(() => server.remove())
    beforeEach(() => {
      fixture = createFixture(server)
    })
    afterEach(() => fixture.clear())

    describeDelivery(() => fixture)
    describeGroups(
      () => fixture,
      () => server,
    )
    describeFailures(() => fixture)
    describeLetters(() => fixture)
    describePause(() => fixture)
    describeMetrics(() => fixture)

    it('loses no published event when the server is killed midway', async () => {
      const bus = fixture.bus()
      const consumer = await fixture.consumer(bus, { batchSizeMax: 5 })
      const keys = keysOf(6)
      const published: string[] = []
      const publishRound = async (round: number): Promise<void> => {
        const events = fixture.events(keys, 1, round)
        // Retries as the relay does, until the events are durable, at the price of a repetition.
        await eventually(() => bus.publish(events), { intervalMs: 50 })
        published.push(...events.map(idOf))
      }
      for (let round = 1; round <= 20; round += 1) await publishRound(round)
      const letters = bus.deadLetters(fixture.group)
      await letters.count()
      const restarted = server.kill().then(() => server.restart())
      for (let round = 21; round <= 40; round += 1) await publishRound(round)
      await restarted
      await publishRound(41)
      await consumer.hasHandled(published)
      for (const key of keys) expect(firstsOf(versionsOf(key, consumer.handled))).toEqual(upTo(41))
      const { letters: lying } = await eventually(() => letters.list({ order: 'oldest', limit: 100 }))
      expect(lying.length).toBe(await letters.count())
    }, 60_000)

    it('is ready again once its server is back, although it publishes nothing more after a failure', async () => {
      const bus = fixture.bus()
      await bus.publish(fixture.events(['a'], 1))
      await server.kill()
      const failing = bus.publish(fixture.events(['a'], 1, 2), AbortSignal.timeout(FAIL_MS))
      await expect(failing).rejects.toThrow()
      // The call may fail before the end of its connection is noticed.
      await eventually(() => expect(bus.health().ready).toBe(false))
      await server.restart()
      await eventually(() => expect(bus.health()).toEqual({ ready: true }))
    }, 60_000)

    it('joins a group by itself once a server is back that was unavailable at the subscription', async () => {
      const { events, isOurs, group } = fixture
      await fixture.bus().publish(events(['a'], 1))
      await server.kill()
      const handled: string[] = []
      const subscription = beginSubscription(fixture.bus(), {
        group,
        topics: ['floodgate.sales'],
        handle: async (batch) => void handled.push(...batch.filter(isOurs).map(({ id }) => id)),
      })
      expect(subscription.health().ready).toBe(false)
      await server.restart()
      await eventually(() => expect(handled).toContain('a#1'))
      await subscription.stop()
    }, 60_000)
  })
}
