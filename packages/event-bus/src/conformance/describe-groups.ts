import { eventually } from '@floodgate/testkit'
import { describe, expect, it } from 'vitest'
import { startBystander } from './bystander.ts'
import type { ConformanceFixture, ConformanceServer } from './fixture.ts'
import { idOf, upTo, versionsOf } from './ids.ts'
import { keysOf } from './sample-events.ts'

/** Tests which of several consumers gets which events, one after the other or side by side. */
export function describeGroups(fixture: () => ConformanceFixture, server: () => ConformanceServer): void {
  describe('a group', () => {
    it('continues where it stopped', async () => {
      const first = fixture().bus()
      const before = fixture().events(keysOf(5), 3)
      await first.publish(before)
      const earlier = await fixture().consumer(first)
      await earlier.hasHandled(before.map(idOf))
      await first.close()

      const second = fixture().bus()
      const after = fixture().events(keysOf(5), 3, 4)
      await second.publish(after)
      const later = await fixture().consumer(second)
      await later.hasHandled(after.map(idOf))
      expect(later.handled.toSorted()).toEqual(after.map(idOf).toSorted())
    })

    it('shares the work, and other members take over what one releases', async () => {
      const [busOne, busTwo] = [fixture().bus(), fixture().bus()]
      const one = await fixture().consumer(busOne)
      const two = await fixture().consumer(busTwo)
      const keys = keysOf(12)
      let rounds = 0
      const published: string[] = []
      await eventually(
        async () => {
          rounds += 1
          const events = fixture().events(keys, 1, rounds)
          await busOne.publish(events)
          published.push(...events.map(idOf))
          const news = (handled: string[]) => handled.filter((id) => id.endsWith(`#${rounds}`)).length
          await eventually(() => expect(news(one.handled) + news(two.handled)).toBeGreaterThanOrEqual(keys.length))
          expect(news(one.handled)).toBeGreaterThan(0)
          expect(news(two.handled)).toBeGreaterThan(0)
        },
        { intervalMs: 200 },
      )
      await busOne.close()
      const rest = fixture().events(keys, 1, 1_001)
      await busTwo.publish(rest)
      await two.hasHandled(rest.map(idOf))
      const handled = new Set([...one.handled, ...two.handled])
      expect(published.filter((id) => !handled.has(id))).toEqual([])
    })

    it('redelivers what a consumer had in progress when it was killed', async () => {
      const bus = fixture().bus()
      const events = fixture().events(keysOf(9), 4)
      await bus.publish(events)
      const bystander = startBystander({ bus: server().options, group: fixture().group, source: fixture().source })
      const seized = await bystander.seized
      await bystander.kill()
      expect(seized.length).toBeGreaterThan(0)
      const consumer = await fixture().consumer(bus)
      await consumer.hasHandled(events.map(idOf))
      for (const key of keysOf(9)) expect(versionsOf(key, consumer.handled)).toEqual(upTo(4))
    })

    it('does not claim to be caught up while a partition that it took over is behind', async () => {
      const [busOne, busTwo] = [fixture().bus(), fixture().bus()]
      const one = await fixture().consumer(busOne)
      const [begun, mayEnd] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      let isHeldUp = false
      const two = await fixture().consumer(busTwo, {
        handle: async () => {
          if (!isHeldUp) return
          begun.resolve()
          await mayEnd.promise
        },
      })
      const keys = keysOf(12)
      let rounds = 0
      const ofRound = (handled: readonly string[]) => handled.filter((id) => id.endsWith(`#${rounds}`))
      await eventually(
        async () => {
          rounds += 1
          await busOne.publish(fixture().events(keys, 1, rounds))
          await eventually(() =>
            expect(ofRound(one.handled).length + ofRound(two.handled).length).toBeGreaterThanOrEqual(keys.length),
          )
          expect(ofRound(one.handled).length).toBeGreaterThan(0)
          expect(ofRound(two.handled).length).toBeGreaterThan(0)
        },
        { intervalMs: 200 },
      )
      const handledToMs = () => performance.now() - (two.subscription.health().caughtUpAgeMs ?? Number.NaN)
      // Events wait on the partitions of the leaving member; the other one keeps reading, and has nothing to do.
      one.subscription.pause()
      const behind = keys.filter((key) => one.handled.includes(`${key}#${rounds}`))
      await busTwo.publish(fixture().events(behind, 1, rounds + 1))
      const publishedAtMs = performance.now()
      await eventually(() => expect(handledToMs()).toBeGreaterThan(publishedAtMs))
      isHeldUp = true
      await one.subscription.stop()
      await begun.promise
      expect(handledToMs()).toBeLessThan(publishedAtMs)
      mayEnd.resolve()
      await two.hasHandled(behind.map((key) => `${key}#${rounds + 1}`))
      await eventually(() => expect(handledToMs()).toBeGreaterThan(publishedAtMs))
    })
  })
}
