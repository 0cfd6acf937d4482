import { eventually } from '@floodgate/testkit'
import { describe, expect, it } from 'vitest'
import { RetriableError } from '../errors.ts'
import type { ConformanceFixture } from './fixture.ts'
import { versionsOf } from './ids.ts'

/** Tests that a paused subscription keeps its partitions and takes no events. */
export function describePause(fixture: () => ConformanceFixture): void {
  describe('a paused subscription', () => {
    it('gets nothing until it is resumed', async () => {
      const bus = fixture().bus()
      const consumer = await fixture().consumer(bus)
      const witness = await fixture().consumer(bus, { group: `${fixture().group}.witness` })
      await bus.publish(fixture().events(['a'], 1))
      await consumer.hasHandled(['a#1'])
      const caughtUpAgeMs = () => consumer.subscription.health().caughtUpAgeMs ?? Number.NaN
      await eventually(() => expect(caughtUpAgeMs()).toBeLessThan(60_000))
      consumer.subscription.pause()
      const atPauseMs = caughtUpAgeMs()
      await bus.publish(fixture().events(['a'], 3, 2))
      await witness.hasHandled(['a#4'])
      expect(consumer.handled).toEqual(['a#1'])
      expect(consumer.subscription.health().ready).toBe(true)
      await eventually(() => expect(caughtUpAgeMs()).toBeGreaterThan(atPauseMs + 100))
      const atResumeMs = caughtUpAgeMs()
      consumer.subscription.resume()
      await consumer.hasHandled(['a#4'])
      await eventually(() => expect(caughtUpAgeMs()).toBeLessThan(atResumeMs))
      expect(versionsOf('a', consumer.handled)).toEqual([1, 2, 3, 4])
    })

    it('is not even called for a retry', async () => {
      const bus = fixture().bus()
      let calls = 0
      await bus.publish(fixture().events(['a'], 1))
      const consumer = await fixture().consumer(bus, {
        async handle() {
          calls += 1
          if (calls > 1) return
          consumer.subscription.pause()
          throw new RetriableError('the provider is down')
        },
      })
      const witness = await fixture().consumer(bus, { group: `${fixture().group}.witness` })
      await eventually(() => expect(calls).toBe(1))
      await bus.publish(fixture().events(['b'], 1))
      await witness.hasHandled(['b#1'])
      expect(calls).toBe(1)
      consumer.subscription.resume()
      await consumer.hasHandled(['a#1', 'b#1'])
    })
  })
}
