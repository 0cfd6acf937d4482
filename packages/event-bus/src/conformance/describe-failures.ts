import type { EncodedEvent } from '@floodgate/contracts'
import { describe, expect, it } from 'vitest'
import { RetriableError } from '../errors.ts'
import { readDeadLetters } from '../testing.ts'
import type { ConformanceFixture } from './fixture.ts'
import { idOf } from './ids.ts'
import { poison } from './sample-events.ts'

/** Tests a batch that a handler rejects, and events that cannot be read. */
export function describeFailures(fixture: () => ConformanceFixture): void {
  describe('a handler that fails', () => {
    it('is called again with the same batch', async () => {
      const bus = fixture().bus()
      const seen: string[][] = []
      await bus.publish(fixture().events(['a'], 3))
      const consumer = await fixture().consumer(bus, {
        async handle(batch) {
          seen.push(batch.map(idOf))
          if (seen.length < 3) throw new Error('not yet')
        },
      })
      await consumer.hasHandled(['a#1', 'a#2', 'a#3'])
      expect(seen[1]).toEqual(seen[0])
      expect(await readDeadLetters(fixture().busOptions, fixture().group)).toEqual([])
    })

    it('sends only the culprit to the dead letters, with its reason; the rest continues', async () => {
      const bus = fixture().bus()
      const told: string[] = []
      const events = fixture().events(['a', 'b'], 10)
      await bus.publish(events)
      const consumer = await fixture().consumer(bus, {
        attemptsMax: 2,
        onDeadLetter: ({ type, reason }) => told.push(`${type} ${reason}`),
        async handle(batch) {
          if (batch.some(({ id }) => id === 'a#5')) throw new RangeError('five is right out')
        },
      })
      await consumer.hasHandled(events.map(idOf).filter((id) => id !== 'a#5'))
      expect(consumer.handled).not.toContain('a#5')
      expect(told).toEqual(['sale.opened.v1 RangeError: five is right out'])
      const [letter, ...others] = await readDeadLetters(fixture().busOptions, fixture().group)
      expect(others).toEqual([])
      expect(letter).toMatchObject({
        key: 'a',
        headers: { ce_id: 'a#5', dead_topic: 'floodgate.sales', dead_reason: 'RangeError: five is right out' },
      })
      const original = events.find((event) => idOf(event) === 'a#5')
      expect(letter?.value).toBe(original?.value)
    })

    it('does not stop the consumer with a TypeError', async () => {
      const bus = fixture().bus()
      const consumer = await fixture().consumer(bus, {
        attemptsMax: 1,
        async handle(batch) {
          if (batch.some(({ id }) => id === 'a#1')) (undefined as unknown as { length(): void }).length()
        },
      })
      await bus.publish(fixture().events(['a'], 2))
      await consumer.hasHandled(['a#2'])
      await bus.publish(fixture().events(['a'], 1, 3))
      await consumer.hasHandled(['a#3'])
    })

    it('may request any number of retries without losing an event', async () => {
      const bus = fixture().bus()
      let calls = 0
      await bus.publish(fixture().events(['a'], 2))
      const consumer = await fixture().consumer(bus, {
        attemptsMax: 1,
        isRetriable: (error) => error instanceof SyntaxError,
        async handle() {
          calls += 1
          if (calls <= 3) throw new RetriableError('the database is down')
          if (calls === 4) throw new SyntaxError('and so is another one')
        },
      })
      await consumer.hasHandled(['a#1', 'a#2'])
      expect(await readDeadLetters(fixture().busOptions, fixture().group)).toEqual([])
    })

    it('is awaited only up to its time limit', async () => {
      const bus = fixture().bus()
      let calls = 0
      await bus.publish(fixture().events(['a'], 1))
      const consumer = await fixture().consumer(bus, {
        attemptsMax: 1,
        handlerTimeoutMs: 100,
        async handle(_, { signal }) {
          calls += 1
          if (calls === 1) await new Promise((_, reject) => signal.addEventListener('abort', reject))
        },
      })
      await consumer.hasHandled(['a#1'])
      expect(calls).toBe(2)
    })
  })

  it('sets an unreadable event aside at once, and continues', async () => {
    const bus = fixture().bus()
    const told: string[] = []
    const consumer = await fixture().consumer(bus, { onDeadLetter: ({ reason }) => told.push(reason) })
    const [before, after] = fixture().events(['a'], 2) as [EncodedEvent, EncodedEvent]
    await bus.publish([before, poison('a', fixture().source), after])
    await consumer.hasHandled(['a#1', 'a#2'])
    const ours = (await readDeadLetters(fixture().busOptions, fixture().group)).filter(
      ({ headers }) => headers.ce_source === fixture().source,
    )
    expect(ours).toHaveLength(1)
    expect(ours[0]?.headers.dead_reason).toBe('the value is not JSON')
    expect(told).toContain('the value is not JSON')
  })
}
