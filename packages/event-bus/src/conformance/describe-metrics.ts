import { eventually } from '@floodgate/testkit'
import { Registry } from 'prom-client'
import { expect, it } from 'vitest'
import { measureBus } from '../measure-bus.ts'
import type { ConformanceFixture } from './fixture.ts'

/** Tests what a scrape of a real bus contains. */
export function describeMetrics(fixture: () => ConformanceFixture): void {
  it('a group that is behind shows its lag and its age, until it has caught up', async () => {
    const registry = new Registry()
    const bus = measureBus(fixture().bus(), registry, fixture().busOptions.log)
    const figure = async (name: string) =>
      Number(new RegExp(`^${name}\\{group="${fixture().group}"\\} (.+)$`, 'm').exec(await registry.metrics())?.[1])
    const blocked = Promise.withResolvers<void>()
    const consumer = await fixture().consumer(bus, { batchSizeMax: 1, handle: () => blocked.promise })
    const caughtUp = () =>
      eventually(async () => {
        expect(await figure('floodgate_consumer_lag')).toBe(0)
        expect(await figure('floodgate_consumer_behind_seconds')).toBeLessThan(30)
      })
    await caughtUp()
    await bus.publish(fixture().events(['a'], 5))
    await eventually(async () => expect(await figure('floodgate_consumer_lag')).toBeGreaterThan(0))
    const before = await figure('floodgate_consumer_behind_seconds')
    await eventually(async () =>
      expect(await figure('floodgate_consumer_behind_seconds')).toBeGreaterThan(before + 0.5),
    )
    blocked.resolve()
    await consumer.hasHandled(['a#5'])
    await caughtUp()
  })
}
