import { eventually } from '@floodgate/testkit'
import { describe, expect, it } from 'vitest'
import type { ConformanceFixture } from './fixture.ts'
import { idOf, upTo, versionsOf } from './ids.ts'
import { keysOf } from './sample-events.ts'

/** Tests delivery: at least once, in order per key, from the beginning. */
export function describeDelivery(fixture: () => ConformanceFixture): void {
  describe('delivery', () => {
    it('delivers every existing event to a new group, in order per key', async () => {
      const keys = keysOf(12)
      const events = fixture().events(keys, 20)
      const bus = fixture().bus()
      await bus.publish(events.slice(0, 100))
      await bus.publish(events.slice(100))
      const consumer = await fixture().consumer(bus, { batchSizeMax: 7 })
      await consumer.hasHandled(events.map(idOf))
      for (const key of keys) expect(versionsOf(key, consumer.handled)).toEqual(upTo(20))
    })

    it('delivers every event to each group', async () => {
      const bus = fixture().bus()
      const one = await fixture().consumer(bus)
      const other = await fixture().consumer(bus, { group: `${fixture().group}.other` })
      const events = fixture().events(keysOf(3), 2)
      await bus.publish(events)
      await Promise.all([one.hasHandled(events.map(idOf)), other.hasHandled(events.map(idOf))])
    })

    it('delivers the trace context of each event as it was, and none where there was none', async () => {
      const bus = fixture().bus()
      const events = fixture().events(['a'], 3)
      const contexts = ['00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', undefined, 'vendor-specific; ä']
      await bus.publish(
        events.map((event, index) => {
          const traceparent = contexts[index]
          return traceparent === undefined ? event : { ...event, headers: { ...event.headers, traceparent } }
        }),
      )
      const delivered = new Map<string, string | undefined>()
      const consumer = await fixture().consumer(bus, {
        async handle(batch) {
          for (const { id, traceparent } of batch) delivered.set(id, traceparent)
        },
      })
      await consumer.hasHandled(events.map(idOf))
      expect(events.map((event) => delivered.get(idOf(event)))).toEqual(contexts)
    })

    it('delivers only the requested types', async () => {
      const bus = fixture().bus()
      const consumer = await fixture().consumer(bus, { types: ['sale.paused.v1'] })
      await bus.publish(fixture().events(['a'], 6))
      await consumer.hasHandled(['a#2', 'a#4', 'a#6'])
      expect(versionsOf('a', consumer.handled)).toEqual([2, 4, 6])
    })

    it('never handles two batches of one partition at once, nor more events than requested', async () => {
      const bus = fixture().bus()
      const busy = new Set<number>()
      const sizes: number[] = []
      const events = fixture().events(keysOf(8), 10)
      await bus.publish(events)
      const consumer = await fixture().consumer(bus, {
        batchSizeMax: 5,
        async handle(batch, { partition }) {
          expect(busy.has(partition)).toBe(false)
          busy.add(partition)
          sizes.push(batch.length)
          await new Promise((resolve) => setImmediate(resolve))
          busy.delete(partition)
        },
      })
      await consumer.hasHandled(events.map(idOf))
      expect(Math.max(...sizes)).toBeLessThanOrEqual(5)
      expect(consumer.handled).toHaveLength(events.length)
    })

    it('is ready only once it consumes', async () => {
      const bus = fixture().bus()
      const { subscription } = await fixture().consumer(bus)
      await eventually(() => expect(subscription.health()).toMatchObject({ ready: true }))
      expect(subscription.health().lastPollAgeMs).toBeLessThan(10_000)
      await bus.publish(fixture().events(['a'], 1))
      expect(bus.health().ready).toBe(true)
    })

    it('publishes nothing when its signal has already aborted', async () => {
      const bus = fixture().bus()
      const consumer = await fixture().consumer(bus)
      await expect(bus.publish(fixture().events(['a'], 1), AbortSignal.abort())).rejects.toThrow()
      await bus.publish(fixture().events(['b'], 1))
      await consumer.hasHandled(['b#1'])
      expect(consumer.handled).not.toContain('a#1')
    })
  })
}
