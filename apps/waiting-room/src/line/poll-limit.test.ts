import type { TicketStatus } from '@floodgate/contracts'
import { expect, it } from 'vitest'
import { createPollLimit } from './poll-limit.ts'
import type { StatusReading } from './read-status.ts'

const holder = { sale: 'one', buyer: 'ann', place: 1 }
const start = (earlyMax = 3) => {
  let nowMs = 1_000_000
  let reads = 0
  let limited = 0
  const limit = createPollLimit({ earlyMax, now: () => nowMs, countLimited: () => (limited += 1) })
  const read = (): StatusReading => {
    reads += 1
    const status: TicketStatus = {
      state: 'waiting',
      saleState: 'open',
      position: 100 - reads,
      etaSeconds: 10,
      pollAfterMs: 10_000,
      snapshot: reads,
      returners: 0,
    }
    return { status, source: 'snapshot' }
  }
  return {
    limit,
    read,
    poll: async (who = holder) => await limit.respond(who, read),
    pass: (ms: number) => (nowMs += ms),
    counts: () => ({ reads, limited }),
  }
}

it('a poll after half its interval is read; an earlier one gets the last response and the rest of the interval', async () => {
  const { poll, pass, counts } = start()
  const first = await poll()
  pass(4_999)
  expect(await poll()).toEqual({ source: 'cached', status: { ...first.status, pollAfterMs: 5_001 } })
  pass(1)
  expect(await poll()).toMatchObject({ source: 'snapshot', status: { position: 98 } })
  expect(counts()).toEqual({ reads: 2, limited: 0 })
})

it('a client that polls on schedule is always served, even after early polls in between', async () => {
  const { poll, pass, counts } = start()
  let told = await poll()
  let sinceReadMs = 0
  for (let round = 0; round < 50; round += 1) {
    // Every other poll comes at a third of the interval, as a reload does.
    const waitMs = round % 2 === 0 ? Math.round(told.status.pollAfterMs / 3) : told.status.pollAfterMs
    pass(waitMs)
    sinceReadMs += waitMs
    told = await poll()
    if (told.source === 'cached') continue
    // The process was never without a poll of it for longer than the interval.
    expect(sinceReadMs).toBeLessThanOrEqual(10_000)
    sinceReadMs = 0
  }
  expect(counts()).toEqual({ reads: 26, limited: 0 })
})

it('after the allowed number of early polls it is rejected until the interval is over, without a read', async () => {
  const { poll, pass, counts } = start(3)
  await poll()
  for (let early = 0; early < 3; early += 1) expect((await poll()).source).toBe('cached')
  for (let more = 0; more < 100; more += 1)
    await expect(poll()).rejects.toMatchObject({
      code: 'too-many-requests',
      status: 429,
      headers: { 'retry-after': '10', ratelimit: '"polls";r=0;t=10', 'ratelimit-policy': '"polls";q=3;w=10' },
    })
  expect(counts()).toEqual({ reads: 1, limited: 100 })
  expect((await poll({ ...holder, buyer: 'ben' })).source).toBe('snapshot')
  pass(5_000)
  expect((await poll()).source).toBe('snapshot')
})

it('polls that arrive while one is being read share it', async () => {
  const { limit, read, counts } = start(3)
  const gate = Promise.withResolvers<void>()
  const slowly = () => gate.promise.then(read)
  const polls = [0, 1, 2, 3].map(() => limit.respond(holder, slowly))
  expect(() => limit.respond(holder, slowly)).toThrow(expect.objectContaining({ code: 'too-many-requests' }))
  gate.resolve()
  const told = await Promise.all(polls)
  expect(new Set(told.map(({ status }) => status.snapshot)).size).toBe(1)
  expect(counts()).toEqual({ reads: 1, limited: 1 })
})

it.each([
  ['later', () => Promise.reject(new Error('away'))],
  [
    'at once',
    () => {
      throw new Error('away')
    },
  ],
])(
  'a read that fails %s is repeated after half a second, and polls until then are limited like others',
  async (_, fail) => {
    const { limit, poll, pass, counts } = start(3)
    let failed = 0
    const failing = () => {
      failed += 1
      return fail()
    }
    const pollFailing = async () => await limit.respond(holder, failing)
    for (let early = 0; early < 4; early += 1) await expect(pollFailing()).rejects.toThrow('away')
    for (let more = 0; more < 100; more += 1)
      await expect(pollFailing()).rejects.toMatchObject({ code: 'too-many-requests', headers: { 'retry-after': '1' } })
    expect([failed, counts().limited]).toEqual([1, 100])
    pass(500)
    await expect(pollFailing()).rejects.toThrow('away')
    expect(failed).toBe(2)
    pass(500)
    expect((await poll()).source).toBe('snapshot')
  },
)

it('polls that share a read that fails get its error', async () => {
  const { limit } = start()
  const failing = () => Promise.reject(new Error('away'))
  const polls = [limit.respond(holder, failing), limit.respond(holder, failing)]
  for (const failed of polls) await expect(failed).rejects.toThrow('away')
})

it('after a join or a leave the next poll is read', async () => {
  const { limit, poll } = start()
  await poll()
  limit.forget(holder)
  expect((await poll()).source).toBe('snapshot')
})

it('is off at 0', async () => {
  const { poll, counts } = start(0)
  for (let at = 0; at < 100; at += 1) await poll()
  expect(counts()).toEqual({ reads: 100, limited: 0 })
})

it('the response for a place that was left is not given for the next one', async () => {
  const { poll, counts } = start()
  await poll()
  await poll({ ...holder, place: 2 })
  expect(counts()).toEqual({ reads: 2, limited: 0 })
})

it('an account gets no response of another of its ID tokens; a read is forgotten for all of them, and all share the limit', async () => {
  const { limit, poll, counts } = start()
  const [one, other] = [
    { ...holder, idToken: 'one' },
    { ...holder, idToken: 'other' },
  ]
  expect((await poll(one)).source).toBe('snapshot')
  expect((await poll(other)).source).toBe('snapshot')
  expect((await poll(other)).source).toBe('cached')
  // The shop extended the turn by the pass, which names no ID token.
  limit.forget(holder)
  expect((await poll(other)).source).toBe('snapshot')
  for (let polls = 0; polls < 3; polls += 1) await poll(polls % 2 === 0 ? one : other)
  for (const who of [one, other]) await expect(poll(who)).rejects.toMatchObject({ code: 'too-many-requests' })
  expect(counts()).toEqual({ reads: 6, limited: 2 })
})
