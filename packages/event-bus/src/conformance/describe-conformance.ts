import type { EncodedEvent } from '@floodgate/contracts'
import { eventually } from '@floodgate/testkit'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { RetriableError } from '../errors.ts'
import { readDeadLetters } from '../testing.ts'
import { startBystander } from './bystander.ts'
import { keysOf, poison } from './sample-events.ts'
import { type ConformanceServer, createStage, type Stage } from './stage.ts'

/** What every adapter of the bus promises, on a real server. `start` gives one that only this suite uses. */
export function describeConformance(name: string, start: () => Promise<ConformanceServer>): void {
  describe(`the event bus on ${name}`, () => {
    let server: ConformanceServer
    let stage: Stage
    beforeAll(async () => {
      server = await start()
    })
    afterAll(() => server.remove())
    beforeEach(() => {
      stage = createStage(server)
    })
    afterEach(() => stage.clear())

    describe('delivery', () => {
      it('gives a new group everything there is, in order per key', async () => {
        const keys = keysOf(12)
        const events = stage.events(keys, 20)
        const bus = stage.bus()
        await bus.publish(events.slice(0, 100))
        await bus.publish(events.slice(100))
        const consumer = await stage.consumer(bus, { batchSizeMax: 7 })
        await consumer.hasHandled(events.map(idOf))
        for (const key of keys) expect(versionsOf(key, consumer.handled)).toEqual(upTo(20))
      })

      it('gives each group every event', async () => {
        const bus = stage.bus()
        const one = await stage.consumer(bus)
        const other = await stage.consumer(bus, { group: `${stage.group}.other` })
        const events = stage.events(keysOf(3), 2)
        await bus.publish(events)
        await Promise.all([one.hasHandled(events.map(idOf)), other.hasHandled(events.map(idOf))])
      })

      it('hands over only the types that were asked for', async () => {
        const bus = stage.bus()
        const consumer = await stage.consumer(bus, { types: ['sale.paused.v1'] })
        await bus.publish(stage.events(['a'], 6))
        await consumer.hasHandled(['a#2', 'a#4', 'a#6'])
        expect(versionsOf('a', consumer.handled)).toEqual([2, 4, 6])
      })

      it('never handles two batches of one partition at once, nor more events than asked for', async () => {
        const bus = stage.bus()
        const busy = new Set<number>()
        const sizes: number[] = []
        const events = stage.events(keysOf(8), 10)
        await bus.publish(events)
        const consumer = await stage.consumer(bus, {
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

      it('says that it is ready only once it consumes', async () => {
        const bus = stage.bus()
        const { subscription } = await stage.consumer(bus)
        await eventually(() => expect(subscription.health()).toMatchObject({ ready: true }))
        expect(subscription.health().lastPollAgeMs).toBeLessThan(10_000)
        await bus.publish(stage.events(['a'], 1))
        expect(bus.health().ready).toBe(true)
      })

      it('publishes nothing when it was told to stop before', async () => {
        const bus = stage.bus()
        const consumer = await stage.consumer(bus)
        await expect(bus.publish(stage.events(['a'], 1), AbortSignal.abort())).rejects.toThrow()
        await bus.publish(stage.events(['b'], 1))
        await consumer.hasHandled(['b#1'])
        expect(consumer.handled).not.toContain('a#1')
      })
    })

    describe('a group', () => {
      it('goes on where it stopped', async () => {
        const first = stage.bus()
        const before = stage.events(keysOf(5), 3)
        await first.publish(before)
        const earlier = await stage.consumer(first)
        await earlier.hasHandled(before.map(idOf))
        await first.close()

        const second = stage.bus()
        const after = stage.events(keysOf(5), 3, 4)
        await second.publish(after)
        const later = await stage.consumer(second)
        await later.hasHandled(after.map(idOf))
        expect(later.handled.toSorted()).toEqual(after.map(idOf).toSorted())
      })

      it('shares the work, and the others take over what one gives back', async () => {
        const [busOne, busTwo] = [stage.bus(), stage.bus()]
        const one = await stage.consumer(busOne)
        const two = await stage.consumer(busTwo)
        const keys = keysOf(12)
        let rounds = 0
        const published: string[] = []
        await eventually(
          async () => {
            rounds += 1
            const events = stage.events(keys, 1, rounds)
            await busOne.publish(events)
            published.push(...events.map(idOf))
            const news = (handled: string[]) => handled.filter((id) => id.endsWith(`#${rounds}`)).length
            await eventually(() => expect(news(one.handled) + news(two.handled)).toBeGreaterThanOrEqual(keys.length))
            expect(news(one.handled)).toBeGreaterThan(0)
            expect(news(two.handled)).toBeGreaterThan(0)
          },
          { timeoutMs: 20_000, intervalMs: 200 },
        )
        await busOne.close()
        const rest = stage.events(keys, 1, 1_001)
        await busTwo.publish(rest)
        await two.hasHandled(rest.map(idOf))
        const handled = new Set([...one.handled, ...two.handled])
        expect(published.filter((id) => !handled.has(id))).toEqual([])
      })

      it('gets again what a consumer had in hand when it was killed', async () => {
        const bus = stage.bus()
        const events = stage.events(keysOf(9), 4)
        await bus.publish(events)
        const bystander = startBystander({ bus: server.options, group: stage.group, source: stage.source })
        const seized = await bystander.seized
        await bystander.kill()
        expect(seized.length).toBeGreaterThan(0)
        const consumer = await stage.consumer(bus)
        await consumer.hasHandled(events.map(idOf))
        for (const key of keysOf(9)) expect(versionsOf(key, consumer.handled)).toEqual(upTo(4))
      })
    })

    describe('a handler that fails', () => {
      it('is called again, with the batch unchanged', async () => {
        const bus = stage.bus()
        const seen: string[][] = []
        await bus.publish(stage.events(['a'], 3))
        const consumer = await stage.consumer(bus, {
          async handle(batch) {
            seen.push(batch.map(idOf))
            if (seen.length < 3) throw new Error('not yet')
          },
        })
        await consumer.hasHandled(['a#1', 'a#2', 'a#3'])
        expect(seen[1]).toEqual(seen[0])
        expect(await readDeadLetters(stage.busOptions, stage.group)).toEqual([])
      })

      it('costs the culprit only: it goes to the dead letters with its reason, the rest goes on', async () => {
        const bus = stage.bus()
        const told: string[] = []
        const events = stage.events(['a', 'b'], 10)
        await bus.publish(events)
        const consumer = await stage.consumer(bus, {
          attemptsMax: 2,
          onDeadLetter: ({ type, reason }) => told.push(`${type} ${reason}`),
          async handle(batch) {
            if (batch.some(({ id }) => id === 'a#5')) throw new RangeError('five is right out')
          },
        })
        await consumer.hasHandled(events.map(idOf).filter((id) => id !== 'a#5'))
        expect(consumer.handled).not.toContain('a#5')
        expect(told).toEqual(['sale.opened.v1 RangeError: five is right out'])
        const [letter, ...others] = await readDeadLetters(stage.busOptions, stage.group)
        expect(others).toEqual([])
        expect(letter).toMatchObject({
          key: 'a',
          headers: { ce_id: 'a#5', dead_topic: 'floodgate.sales', dead_reason: 'RangeError: five is right out' },
        })
        const original = events.find((event) => idOf(event) === 'a#5')
        expect(letter?.value).toBe(original?.value)
      })

      it('does not stop the consumer with a TypeError', async () => {
        const bus = stage.bus()
        const consumer = await stage.consumer(bus, {
          attemptsMax: 1,
          async handle(batch) {
            if (batch.some(({ id }) => id === 'a#1')) (undefined as unknown as { length(): void }).length()
          },
        })
        await bus.publish(stage.events(['a'], 2))
        await consumer.hasHandled(['a#2'])
        await bus.publish(stage.events(['a'], 1, 3))
        await consumer.hasHandled(['a#3'])
      })

      it('may say "not now" as often as it likes without losing anything', async () => {
        const bus = stage.bus()
        let calls = 0
        await bus.publish(stage.events(['a'], 2))
        const consumer = await stage.consumer(bus, {
          attemptsMax: 1,
          isRetriable: (error) => error instanceof SyntaxError,
          async handle() {
            calls += 1
            if (calls <= 3) throw new RetriableError('the database is down')
            if (calls === 4) throw new SyntaxError('and so is another one')
          },
        })
        await consumer.hasHandled(['a#1', 'a#2'])
        expect(await readDeadLetters(stage.busOptions, stage.group)).toEqual([])
      })

      it('is not waited for longer than it may take', async () => {
        const bus = stage.bus()
        let calls = 0
        await bus.publish(stage.events(['a'], 1))
        const consumer = await stage.consumer(bus, {
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

    it('puts what nobody understands aside at once, and goes on', async () => {
      const bus = stage.bus()
      const told: string[] = []
      const consumer = await stage.consumer(bus, { onDeadLetter: ({ reason }) => told.push(reason) })
      const [before, after] = stage.events(['a'], 2) as [EncodedEvent, EncodedEvent]
      await bus.publish([before, poison('a', stage.source), after])
      await consumer.hasHandled(['a#1', 'a#2'])
      const ours = (await readDeadLetters(stage.busOptions, stage.group)).filter(
        ({ headers }) => headers.ce_source === stage.source,
      )
      expect(ours).toHaveLength(1)
      expect(ours[0]?.headers.dead_reason).toBe('the value is not JSON')
      expect(told).toContain('the value is not JSON')
    })

    describe('a paused subscription', () => {
      it('gets nothing until it is resumed', async () => {
        const bus = stage.bus()
        const consumer = await stage.consumer(bus)
        const witness = await stage.consumer(bus, { group: `${stage.group}.witness` })
        await bus.publish(stage.events(['a'], 1))
        await consumer.hasHandled(['a#1'])
        consumer.subscription.pause()
        await bus.publish(stage.events(['a'], 3, 2))
        await witness.hasHandled(['a#4'])
        expect(consumer.handled).toEqual(['a#1'])
        expect(consumer.subscription.health().ready).toBe(true)
        consumer.subscription.resume()
        await consumer.hasHandled(['a#4'])
        expect(versionsOf('a', consumer.handled)).toEqual([1, 2, 3, 4])
      })

      it('is not even called for a retry', async () => {
        const bus = stage.bus()
        let calls = 0
        await bus.publish(stage.events(['a'], 1))
        const consumer = await stage.consumer(bus, {
          async handle() {
            calls += 1
            if (calls > 1) return
            consumer.subscription.pause()
            throw new RetriableError('the provider is down')
          },
        })
        const witness = await stage.consumer(bus, { group: `${stage.group}.witness` })
        await eventually(() => expect(calls).toBe(1))
        await bus.publish(stage.events(['b'], 1))
        await witness.hasHandled(['b#1'])
        expect(calls).toBe(1)
        consumer.subscription.resume()
        await consumer.hasHandled(['a#1', 'b#1'])
      })
    })

    it('loses nothing that was published when the server is killed in mid-stream', async () => {
      const bus = stage.bus()
      const consumer = await stage.consumer(bus, { batchSizeMax: 5 })
      const keys = keysOf(6)
      const published: string[] = []
      const publishRound = async (round: number): Promise<void> => {
        const events = stage.events(keys, 1, round)
        // As the relay does it: until it is durable, at the price of a repetition.
        await eventually(() => bus.publish(events), { timeoutMs: 30_000, intervalMs: 50 })
        published.push(...events.map(idOf))
      }
      for (let round = 1; round <= 20; round += 1) await publishRound(round)
      const restarted = server.kill().then(() => server.restart())
      for (let round = 21; round <= 40; round += 1) await publishRound(round)
      await restarted
      await publishRound(41)
      await consumer.hasHandled(published, 30_000)
      for (const key of keys) expect(firstsOf(versionsOf(key, consumer.handled))).toEqual(upTo(41))
    }, 60_000)
  })
}

const idOf = (event: EncodedEvent | { readonly id: string }): string =>
  'id' in event ? event.id : (event.headers.ce_id ?? '')
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1)
const firstsOf = (versions: readonly number[]): number[] => [...new Set(versions)]

/** The versions of a key's events in the order they were handled; a batch that was handled twice counts once. */
function versionsOf(key: string, handled: readonly string[]): number[] {
  return firstsOf(handled.filter((id) => id.startsWith(`${key}#`)).map((id) => Number(id.slice(key.length + 1))))
}
