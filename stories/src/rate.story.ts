import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import type { LogEntry } from '@floodgate/contracts'
import { eventually } from '@floodgate/testkit'
import { describe, expect, test } from 'vitest'
import type { Buyer } from './client/buyer.ts'
import { type TestSystem, withSystem } from './client/test-system.ts'

const SECOND = 1_000
const testSystem = withSystem({ replicas: { 'waiting-room': 3 } })

describe('three waiting rooms', () => {
  test('together admit 600 buyers at the 50 per second of their sale', async () => {
    for (let run = 1; ; run += 1) {
      const machine = watchMachine()
      const times = (await admissionsOf(testSystem(), await letIn(testSystem(), `rate-${run}`))).map(timeOf)
      const stalledMs = machine.stalledMs()
      const broken = brokenBounds(times, { rate: 50 })
      if (broken.length === 0) return
      process.stderr.write(`${broken.join('; ')}; this machine stood still for ${Math.round(stalledMs)} ms.\n`)
      if (stalledMs <= STALL_MS) expect(broken).toEqual([])
      if (run === RUNS_MAX) {
        // The machine always stalls: nothing could tick meanwhile, and missed admissions are made up.
        expect(brokenBounds(times, { rate: 50, stalledMs })).toEqual([])
        return
      }
      process.stderr.write('The machine stalled, which no bound holds against: once more.\n')
    }
  })

  // Concurrent, because each waits until the places of the leavers are mature.
  test.concurrent.each([10, 30, 60])(
    'admit the others at the full rate, in order, when %i per cent have left',
    async (share) => {
      const { operator } = testSystem()
      const sale = `leavers-${share}`
      await operator.openSale(sale, { admitPerSecond: RATE, maxActive: 1 })
      const openedAt = performance.now()
      const blocker = await testSystem().admitted('blocker', sale)
      const line = Array.from({ length: LINE }, (_, index) => testSystem().buyer(`leaver-${index}`, sale))
      for (const buyer of line) await buyer.join()
      const isGone = (_: unknown, index: number): boolean => index % 10 < share / 10
      const gone = line.filter(isGone)
      const present = line.filter((buyer, index) => !isGone(buyer, index))
      const visits = present.map((buyer) => buyer.untilAdmitted())
      await delay(Math.max(0, openedAt + MATURE_MS - performance.now()))

      const machine = watchMachine()
      await operator.createSale(sale, { admitPerSecond: RATE, maxActive: 2 * LINE })
      await blocker.leave()
      const returner = gone[0] as Buyer
      await eventually(async () => expect((await operator.sale(sale)).counts.away).toBeGreaterThan(0), {
        intervalMs: 50,
      })
      // The first poll shows that the returner is back.
      await returner.status()
      const before = (await admissionsOf(testSystem(), sale)).length
      await returner.untilAdmitted()
      await Promise.all(visits)
      const stalledSeconds = machine.stalledMs() / SECOND

      const entries = (await admissionsOf(testSystem(), sale)).slice(1)
      expect(entries).toHaveLength(present.length + 1)
      const returned = entries.findIndex((entry, index) => (entry.place ?? 0) < (entries[index - 1]?.place ?? 0))
      expect(returned, 'the returner is admitted with the next free token').toBeLessThan(before + RATE)
      const places = entries.toSpliced(returned, 1).map(({ place }) => place ?? 0)
      expect(places).toEqual(places.toSorted((one, other) => one - other))
      const times = entries.map(timeOf)
      const seconds = ((times.at(-1) ?? 0) - (times[0] ?? 0)) / SECOND
      expect(seconds, 'the time it took').toBeLessThan((1.1 * entries.length) / RATE + 0.5 + 2 * stalledSeconds)
      const { counts } = await operator.sale(sale)
      expect(counts.waiting + counts.away).toBe(gone.length - 1)
    },
  )
})

const LINE = 200
const RATE = 20
/** A place is judged 17 s after the window included it; until then the line waits for it. */
const MATURE_MS = 20 * SECOND
const RUNS_MAX = 3
/** After a stall of this length nothing can be said about the machine's timers. */
const STALL_MS = 100
const ADMISSIONS = 600

const timeOf = ({ at }: LogEntry): number => Date.parse(at)

const admissionsOf = async ({ operator }: TestSystem, sale: string): Promise<LogEntry[]> =>
  (await operator.log(sale)).filter(({ kind }) => kind === 'admitted')

/** Lets six hundred buyers wait for a paused sale and poll on schedule; it resumes, and all of them are admitted. */
async function letIn(here: TestSystem, sale: string): Promise<string> {
  const { operator } = here
  await operator.openSale(sale, { admitPerSecond: 50, maxActive: ADMISSIONS })
  await operator.act(sale, 'pause')
  const visits: Promise<unknown>[] = []
  for (let index = 0; index < ADMISSIONS; index += 50) {
    const buyers = Array.from({ length: 50 }, (_, offset) => here.buyer(`${sale}-${index + offset}`, sale))
    await Promise.all(buyers.map((buyer) => buyer.join()))
    visits.push(...buyers.map((buyer) => buyer.untilAdmitted()))
  }
  await operator.act(sale, 'resume')
  await Promise.all(visits)
  return sale
}

/**
 * Returns how the admissions' times violate the bounds: any 10 s within 1 %, any second at most 1.2 times the rate.
 * After a stall, ten seconds may deviate by the admissions that it prevented.
 */
function brokenBounds(
  times: readonly number[],
  { rate, stalledMs = 0 }: { readonly rate: number; readonly stalledMs?: number },
): string[] {
  const broken: string[] = []
  const last = times.at(-1) ?? 0
  const countIn = (from: number, length: number): number =>
    times.filter((at) => at >= from && at < from + length).length
  const slack = Math.max(0.01 * 10 * rate, 1) + Math.ceil((rate * stalledMs) / SECOND)
  for (const from of new Set(times)) {
    const inSecond = countIn(from, SECOND)
    if (inSecond > Math.max(1.2 * rate, rate + 1)) broken.push(`${inSecond} in the second from ${from}`)
    if (from + 10 * SECOND > last) continue
    const inTen = countIn(from, 10 * SECOND)
    if (Math.abs(inTen - 10 * rate) > slack) broken.push(`${inTen} in the ten seconds from ${from}`)
  }
  return broken
}

/** Detects stalls of the machine by its own event loop. */
function watchMachine(): { stalledMs(): number } {
  const lag = monitorEventLoopDelay({ resolution: 10 })
  lag.enable()
  return {
    stalledMs() {
      lag.disable()
      return lag.max / 1_000_000
    },
  }
}
