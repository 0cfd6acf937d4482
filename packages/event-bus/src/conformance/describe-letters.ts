import { eventually } from '@floodgate/testkit'
import { describe, expect, it } from 'vitest'
import { RetriableError } from '../errors.ts'
import { type DeadLetters, NotSubscribed, type StoredLetter } from '../letters/port.ts'
import type { EventBus, SubscribeOptions } from '../port.ts'
import type { ConformanceFixture } from './fixture.ts'
import { idOf } from './ids.ts'
import { poison } from './sample-events.ts'

/** Tests the operator's view of dead letters: list, replay and drop. */
export function describeLetters(fixture: () => ConformanceFixture): void {
  /** Starts a consumer that rejects these events until they are repaired, on its own bus. */
  async function consumerThatRejects(ids: readonly string[], options: Partial<SubscribeOptions> = {}) {
    const bus = fixture().bus()
    const broken = new Set(ids)
    const consumer = await fixture().consumer(bus, {
      attemptsMax: 1,
      ...options,
      async handle(batch, context) {
        for (const { id } of batch) if (broken.has(id)) throw new RangeError(`${id} is broken`)
        await options.handle?.(batch, context)
      },
    })
    return { bus, consumer, broken, letters: bus.deadLetters(fixture().group) }
  }
  async function publish(bus: EventBus, keys: readonly string[], count: number): Promise<string[]> {
    const events = fixture().events(keys, count)
    await bus.publish(events)
    return events.map(idOf)
  }
  /** Selects this test's letters, since a new group also gets the unreadable events of earlier tests. */
  const isOurs = ({ headers }: StoredLetter) => headers.ce_source === fixture().source
  const listed = async (letters: DeadLetters) =>
    (await letters.list({ order: 'oldest', limit: 100 })).letters.filter(isOurs)
  const eventsOf = async (letters: DeadLetters) => (await listed(letters)).map(({ headers }) => headers.ce_id)
  const untilDead = (letters: DeadLetters, count: number) =>
    eventually(async () => expect(await listed(letters)).toHaveLength(count))
  const idsOf = async (letters: DeadLetters) => (await listed(letters)).map(({ id }) => id)

  describe('dead letters', () => {
    it('are listed from either end, page by page, and read one by one', async () => {
      const dead = ['a#1', 'a#2', 'a#3', 'a#4', 'a#5']
      const { bus, letters } = await consumerThatRejects(dead)
      await publish(bus, ['a'], 6)
      await untilDead(letters, 5)
      for (const order of ['oldest', 'newest'] as const) {
        const seen: (string | undefined)[] = []
        for (let after: string | undefined; ; ) {
          const page = await letters.list({ order, limit: 2, after })
          expect(page.letters.length).toBeLessThanOrEqual(2)
          seen.push(...page.letters.filter(isOurs).map(({ headers }) => headers.ce_id))
          if (page.next === null) break
          after = page.next
        }
        expect(seen).toEqual(order === 'oldest' ? dead : dead.toReversed())
      }
      const [first] = await listed(letters)
      expect(first).toMatchObject({ key: 'a', replays: 0, headers: { dead_reason: 'RangeError: a#1 is broken' } })
      expect(await letters.read(String(first?.id))).toEqual(first)
      expect(await letters.read('nonsense')).toBeUndefined()
      expect(await letters.read('999999999999')).toBeUndefined()
      const lying = await letters.count()
      expect(lying).toBe((await letters.list({ order: 'oldest', limit: 100 })).letters.length)
      await letters.drop([String(first?.id)])
      expect(await letters.count()).toBe(lying - 1)
      expect(await bus.deadLetters(`${fixture().group}.nobody`).count()).toBe(0)
    })

    it('are replayed only to their own group, in the order of their key, even after newer events', async () => {
      const { bus, consumer, broken, letters } = await consumerThatRejects(['a#1', 'a#3', 'b#2'])
      const other = await fixture().consumer(bus, { group: `${fixture().group}.other` })
      const all = await publish(bus, ['a', 'b'], 4)
      await other.hasHandled(all)
      await untilDead(letters, 3)
      await consumer.hasHandled(['a#4', 'b#4'])
      const ids = await idsOf(letters)
      broken.clear()
      const before = consumer.handled.length
      const outcomes = await letters.replay(ids.toReversed())
      expect(outcomes).toEqual(ids.toReversed().map((id) => ({ id, kind: 'handled' })))
      const replayed = consumer.handled.slice(before)
      expect(replayed.toSorted()).toEqual(['a#1', 'a#3', 'b#2'])
      expect(replayed.filter((id) => id.startsWith('a'))).toEqual(['a#1', 'a#3'])
      expect(await listed(letters)).toEqual([])
      expect(await letters.replay(ids)).toEqual(ids.map((id) => ({ id, kind: 'missing' })))
      expect(consumer.handled).toHaveLength(before + 3)
      expect(other.handled).toHaveLength(all.length)
    })

    it('that fail again keep their position, with their count and the new reason; the others continue', async () => {
      const { bus, broken, letters } = await consumerThatRejects(['a#1', 'a#2'])
      await publish(bus, ['a'], 2)
      await untilDead(letters, 2)
      const [first, second] = (await idsOf(letters)) as [string, string]
      broken.delete('a#2')
      const failed = { id: first, kind: 'failed', reason: 'RangeError: a#1 is broken' }
      expect(await letters.replay([first, second])).toEqual([failed, { id: second, kind: 'handled' }])
      expect(await letters.replay([first])).toEqual([failed])
      expect(await listed(letters)).toMatchObject([{ id: first, replays: 2, replayReason: failed.reason }])
      broken.clear()
      expect(await letters.replay([first])).toEqual([{ id: first, kind: 'handled' }])
      expect(await listed(letters)).toEqual([])
    })

    it('stay unchanged while their handler requests retries', async () => {
      let isDown = false
      const { bus, broken, letters } = await consumerThatRejects(['a#1'], {
        handle: async () => {
          if (isDown) throw new RetriableError('the database is down')
        },
      })
      await publish(bus, ['a'], 1)
      await untilDead(letters, 1)
      const [id] = (await idsOf(letters)) as [string]
      broken.clear()
      isDown = true
      expect(await letters.replay([id])).toEqual([{ id, kind: 'postponed' }])
      expect(await letters.read(id)).toMatchObject({ replays: 0 })
      isDown = false
      expect(await letters.replay([id])).toEqual([{ id, kind: 'handled' }])
    })

    it('that cannot be read fail with the reason, and can be dropped', async () => {
      const { bus, letters } = await consumerThatRejects(['b#1'])
      await bus.publish([poison('a', fixture().source), ...fixture().events(['b'], 1)])
      await untilDead(letters, 2)
      const unreadable = (await listed(letters)).find(({ key }) => key === 'a')?.id ?? ''
      expect(await letters.replay([unreadable])).toEqual([
        { id: unreadable, kind: 'failed', reason: 'the value is not JSON' },
      ])
      expect(await letters.drop([unreadable, 'nonsense'])).toEqual([unreadable])
      expect(await letters.drop([unreadable])).toEqual([])
      expect(await listed(letters)).toMatchObject([{ key: 'b' }])
    })

    it('survive two operators at once, and a process that ends during a replay', async () => {
      const held = Promise.withResolvers<void>()
      let holds = true
      const reached = Promise.withResolvers<void>()
      const first = await consumerThatRejects(['a#1', 'a#2', 'a#3'], {
        async handle() {
          reached.resolve()
          if (holds) await held.promise
        },
      })
      await publish(first.bus, ['a'], 3)
      await untilDead(first.letters, 3)
      const ids = await idsOf(first.letters)
      first.broken.clear()
      const cut = first.letters.replay(ids)
      await reached.promise
      await first.bus.close()
      expect(await cut).toEqual(ids.map((id) => ({ id, kind: 'postponed' })))
      holds = false

      const [one, two] = await Promise.all([consumerThatRejects([]), consumerThatRejects([])])
      await eventually(async () => expect(await eventsOf(one.letters)).toEqual(['a#1', 'a#2', 'a#3']))
      const both = await Promise.all([one.letters.replay(ids), two.letters.replay(ids)])
      expect(new Set(both.flat().map(({ kind }) => kind))).not.toContain('failed')
      expect(new Set([...one.consumer.handled, ...two.consumer.handled])).toEqual(new Set(['a#1', 'a#2', 'a#3']))
      expect(await listed(one.letters)).toEqual([])
      held.resolve()
    })

    it('cannot be replayed in a process that does not consume in their group', async () => {
      const { bus, letters } = await consumerThatRejects(['a#1'])
      await publish(bus, ['a'], 1)
      await untilDead(letters, 1)
      const elsewhere = fixture().bus().deadLetters(fixture().group)
      await untilDead(elsewhere, 1)
      await expect(elsewhere.replay(await idsOf(letters))).rejects.toBeInstanceOf(NotSubscribed)
      expect(await listed(elsewhere)).toHaveLength(1)
    })
  })
}
