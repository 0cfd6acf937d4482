import type { FloodgateEvent } from '@floodgate/contracts'
import { expect, it } from 'vitest'
import { mergeBatches } from './merge-batches.ts'

const event = (id: string) => ({ id }) as FloodgateEvent
const context = { signal: new AbortController().signal }

const recording = (poison?: string) => {
  const calls: string[][] = []
  const handle = mergeBatches(async (batch) => {
    const ids = batch.map(({ id }) => id)
    calls.push(ids)
    if (poison !== undefined && ids.includes(poison)) throw new Error(`${poison} is poison`)
  })
  return { calls, handle }
}

it('batches that arrive in one turn are handled in one call, each in its order', async () => {
  const { calls, handle } = recording()
  await Promise.all([handle([event('a1'), event('a2')], context), handle([event('b1')], context)])
  await handle([event('a3')], context)
  expect(calls).toEqual([['a1', 'a2', 'b1'], ['a3']])
})

it("a batch does not fail because of another one's events", async () => {
  const { calls, handle } = recording('b1')
  const outcomes = await Promise.allSettled([
    handle([event('a1')], context),
    handle([event('b1')], context),
    handle([event('c1')], context),
  ])
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(calls).toEqual([['a1', 'b1', 'c1'], ['a1'], ['b1'], ['c1']])
})

it('a call that another partition abandoned is repeated for the remaining ones', async () => {
  const lost = new AbortController()
  const signals: boolean[] = []
  const handle = mergeBatches(async (_, { signal }) => {
    signals.push(signal.aborted)
    signal.throwIfAborted()
  })
  const outcomes = Promise.allSettled([handle([event('a1')], context), handle([event('b1')], lost)])
  lost.abort(new Error('lost'))
  expect((await outcomes).map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
  expect(signals).toEqual([true, false, true])
})
