import { setTimeout as delay } from 'node:timers/promises'
import { eventually, freeze } from '@floodgate/testkit'
import { expect } from 'vitest'
import type { TestSystem } from '../client/test-system.ts'
import { expectExactCounts, startRush, UNITS } from '../scenarios/rush.ts'
import { until } from './faults.ts'
import { watchBuyers } from './watch-buyers.ts'

/** Longer than every time limit of a client: a statement, and a blocking read, has 15 s. */
const SILENCE_SECONDS = { postgres: 17, redis: 17, kafka: 12, mail: 12, 'payment-simulator': 12 } as const
/** Set to request a longer silence. */
const SILENCE_SECONDS_WANTED = Number(process.env.STORY_SILENCE_SECONDS ?? 0)
const HEALED_MS_MAX = 30_000
const ADMIT_PER_SECOND = 30
const ENDS = new Set(['order.confirmed.v1', 'order.cancelled.v1', 'order.refunded.v1'])

let runs = 0

/** Resolves once orders that buyers know of have ended, and their mails have arrived. */
async function untilDone({ recorder, inbox }: TestSystem, orders: readonly string[]): Promise<void> {
  await eventually(
    async () => {
      for (const order of orders) {
        const types = recorder.eventsOf(order).map(({ type }) => type)
        expect(
          types.some((type) => ENDS.has(type)),
          `${order}: ${types.join()}`,
        ).toBe(true)
      }
      const mailed = new Set((await inbox.messages()).map(({ messageId }) => messageId.slice(1).split('.')[0]))
      expect(orders.filter((order) => !mailed.has(order))).toEqual([])
    },
    { timeoutMs: HEALED_MS_MAX, intervalMs: 100 },
  )
}

/**
 * Runs a rush while a server is unresponsive (SIGSTOP): every buyer gets every response within 5 s, no process dies,
 * all pending work is done 30 s after it resumes, and in the end the counts are exact.
 */
export async function surviveSilence(testSystem: TestSystem, name: keyof typeof SILENCE_SECONDS): Promise<void> {
  const { system, recorder } = testSystem
  const seconds = SILENCE_SECONDS_WANTED || SILENCE_SECONDS[name]
  const sale = `mute-${++runs}`
  const watch = watchBuyers(testSystem)
  const rush = await startRush(testSystem, sale, { admitPerSecond: ADMIT_PER_SECOND })
  // A failed visit is reported where the visits are awaited.
  rush.visits.catch(() => undefined)
  await until(() => testSystem.orders.length >= 0.1 * UNITS, 'No order was placed.')
  const [pid] = system.pidsOf(name)
  if (pid === undefined) throw new Error(`${name} is down.`)
  const thaw = await freeze(pid)
  const confirmedBefore = recorder.countOrders('order.confirmed.v1', sale)
  try {
    await delay(seconds * 1_000)
  } finally {
    thaw()
  }
  const spokeAtMs = performance.now()
  const sinceMs = (): number => Math.round(performance.now() - spokeAtMs)
  await untilDone(testSystem, [...testSystem.orders])
  const healedMs = sinceMs()
  await expectExactCounts(testSystem, rush)
  const figures = { mute: name, seconds, confirmedBefore, healedMs, overMs: sinceMs() }
  process.stderr.write(`${JSON.stringify({ ...figures, ...watch.figures() })}\n`)
  watch.expectServed()
  await system.untilReady()
}
