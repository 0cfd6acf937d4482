import { AppError } from '@floodgate/runtime'
import { expect, it } from 'vitest'
import { createSaleLookup } from './look-up-sale.ts'
import type { Sale } from './sale.ts'

const saleOf = (id: string) => ({ id }) as Sale
const known = new Map([['demo', saleOf('demo')]])

/** A Postgres whose queries resolve when the test says so. */
const start = () => {
  let nowMs = 1_000_000
  let inFlight = 0
  let inFlightMax = 0
  const statements: (readonly string[])[] = []
  let gate = Promise.withResolvers<void>()
  let isAway = false
  const { lookUp } = createSaleLookup(
    async (ids) => {
      statements.push(ids)
      inFlight += 1
      inFlightMax = Math.max(inFlightMax, inFlight)
      await gate.promise
      inFlight -= 1
      if (isAway) throw new Error('away')
      return known
    },
    { now: () => nowMs },
  )
  return {
    lookUp,
    statements,
    pass: (ms: number) => (nowMs += ms),
    open: () => gate.resolve(),
    block: () => {
      gate = Promise.withResolvers<void>()
    },
    goAway: () => (isAway = true),
    inFlightMax: () => inFlightMax,
  }
}
const nextTurn = () => new Promise((resolve) => setImmediate(resolve))
const idsOf = (count: number) => Array.from({ length: count }, (_, at) => `random-${at}`)

it('any number of unknown ids costs one statement at a time, of at most 500 ids, and a known one is among them', async () => {
  const { lookUp, statements, open, inFlightMax } = start()
  open()
  const results = await Promise.all([...idsOf(1_200), 'demo'].map(lookUp))
  expect(results.filter((sale) => sale !== undefined)).toEqual([saleOf('demo')])
  expect(statements.map((ids) => ids.length)).toEqual([500, 500, 201])
  expect(inFlightMax()).toBe(1)
})

it('a missing id is queried once a second, and concurrent queries of one id share a place in one statement', async () => {
  const { lookUp, statements, open, pass } = start()
  open()
  for (let round = 0; round < 100; round += 1)
    expect(await Promise.all([lookUp('no'), lookUp('no')])).toEqual([undefined, undefined])
  expect(statements).toEqual([['no']])
  pass(1_000)
  await lookUp('no')
  expect(statements).toHaveLength(2)
})

it('while Postgres does not respond the queue is bounded: more are rejected at once', async () => {
  const { lookUp, open, goAway, statements } = start()
  const first = lookUp('first')
  await nextTurn()
  const waiting = idsOf(2_000).map(lookUp)
  const rejected = await Promise.allSettled(Array.from({ length: 5_000 }, (_, at) => lookUp(`more-${at}`)))
  for (const result of rejected) {
    if (result.status === 'fulfilled' || !(result.reason instanceof AppError)) throw new Error('was not rejected')
    expect([result.reason.code, result.reason.headers['retry-after']]).toEqual(['unavailable', '1'])
  }
  expect(statements).toEqual([['first']])
  goAway()
  open()
  const outcomes = await Promise.allSettled([first, ...waiting])
  expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true)
  // A failure does not count as missing.
  await expect(lookUp('first')).rejects.toThrow('away')
})
