import { backOffMs } from '@floodgate/async'
import type { FloodgateEvent } from '@floodgate/contracts'
import { describe, expect, it } from 'vitest'
import { createSamples, poison } from '../conformance/sample-events.ts'
import { RetriableError, Stopped } from '../errors.ts'
import { BUS_BACK_OFF } from './back-off.ts'
import { type Delivery, deliver } from './deliver.ts'

const samples = createSamples()

function delivery(handle: (ids: string[]) => void, options: Partial<Delivery> = {}) {
  const calls: string[][] = []
  const parked: string[] = []
  const given: Delivery = {
    async handle(batch: readonly FloodgateEvent[]) {
      const ids = batch.map(({ id }) => id)
      calls.push(ids)
      handle(ids)
    },
    types: undefined,
    attemptsMax: 1,
    handlerTimeoutMs: 1_000,
    isRetriable: () => false,
    park: async ({ headers }, reason) => void parked.push(`${headers.ce_id}: ${reason}`),
    mayHandle: async () => undefined,
    onFailure: () => undefined,
    stopping: new AbortController().signal,
    giveUp: new AbortController().signal,
    ...options,
  }
  return { calls, parked, given }
}

describe('delivering a batch', () => {
  it('is one call when nothing fails', async () => {
    const { calls, given } = delivery(() => undefined)
    await deliver(given, samples.events(['a'], 4))
    expect(calls).toEqual([['a#1', 'a#2', 'a#3', 'a#4']])
  })

  it('makes no call when no message is of interest', async () => {
    const { calls, parked, given } = delivery(() => undefined, { types: new Set(['order.placed.v1']) })
    await deliver(given, samples.events(['a'], 4))
    expect([calls, parked]).toEqual([[], []])
  })

  it('finds the culprit by halving and delivers all others, in order', async () => {
    const { calls, parked, given } = delivery((ids) => {
      if (ids.includes('a#6')) throw new Error('bad')
    })
    await deliver(given, samples.events(['a'], 8))
    expect(parked).toEqual(['a#6: Error: bad'])
    expect(calls).toEqual([
      ['a#1', 'a#2', 'a#3', 'a#4', 'a#5', 'a#6', 'a#7', 'a#8'],
      ['a#1', 'a#2', 'a#3', 'a#4'],
      ['a#5', 'a#6', 'a#7', 'a#8'],
      ['a#5', 'a#6'],
      ['a#5'],
      ['a#6'],
      ['a#7', 'a#8'],
    ])
  })

  it('sets poison aside without a call', async () => {
    const { calls, parked, given } = delivery(() => undefined)
    await deliver(given, [poison('a', samples.source)])
    expect([calls, parked]).toEqual([[], ['poison-a: the value is not JSON']])
  })

  it('does not count a requested retry as an attempt', async () => {
    let failures = 0
    const { calls, parked, given } = delivery(() => {
      failures += 1
      if (failures < 3) throw new RetriableError('later')
    })
    await deliver(given, samples.events(['a'], 1))
    expect([calls.length, parked]).toEqual([3, []])
  })

  it('writes a dead letter again until it is written', async () => {
    let writes = 0
    const { given } = delivery(() => undefined, {
      async park() {
        writes += 1
        if (writes === 1) throw new Error('away')
      },
    })
    await deliver(given, [poison('a', samples.source)])
    expect(writes).toBe(2)
  })

  it('ends a pending retry when the subscription stops, and sets nothing aside', async () => {
    const stopping = new AbortController()
    const { parked, given } = delivery(
      () => {
        stopping.abort(new Stopped('stop'))
        throw new Error('bad')
      },
      { stopping: stopping.signal, attemptsMax: 5 },
    )
    await expect(deliver(given, samples.events(['a'], 1))).rejects.toThrow(Stopped)
    expect(parked).toEqual([])
  })

  it('does not wait for an abandoned call', async () => {
    const giveUp = new AbortController()
    const { given } = delivery(() => undefined, {
      giveUp: giveUp.signal,
      handle: async () => {
        giveUp.abort(new Stopped('lost'))
        await new Promise(() => undefined)
      },
    })
    await expect(deliver(given, samples.events(['a'], 1))).rejects.toThrow('lost')
  })
})

it('the back-off doubles up to five seconds, its upper half random', () => {
  expect([0, 1, 2, 6, 100].map((failures) => backOffMs(BUS_BACK_OFF, failures, 1))).toEqual([
    100, 200, 400, 5_000, 5_000,
  ])
  expect(backOffMs(BUS_BACK_OFF, 100, 0)).toBe(2_500)
})
