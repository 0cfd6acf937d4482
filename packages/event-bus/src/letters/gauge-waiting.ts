import { settledWithin } from '@floodgate/async'
import type { Log } from '@floodgate/runtime'
import { Gauge, type Registry } from 'prom-client'
import type { EventBus } from '../port.ts'

/** How long a scrape waits for a count before it shows the previous one. */
const SCRAPE_MS_MAX = 1_000
/** A count that takes longer has failed: the previous figure is stale by then. */
const COUNT_MS_MAX = 30_000

interface GroupCount {
  letters?: number
  /** Start of the current count, on `performance.now()`. */
  begunAtMs?: number
  /** Set so that a warning is logged once, not at each scrape. */
  hasFailed: boolean
  underWay?: Promise<void>
}

export interface WaitingGaugeOptions {
  readonly registry: Registry
  readonly log: Log
  groups(): ReadonlySet<string>
}

/**
 * Gauges how many dead letters of each group wait. Groups are counted separately. A group whose count failed has no
 * series until it succeeds again, and one warning: a stale figure would look like one that does not change.
 */
export function gaugeWaiting(bus: Pick<EventBus, 'deadLetters'>, { registry, log, groups }: WaitingGaugeOptions): void {
  const counts = new Map<string, GroupCount>()
  function fail(group: string, known: GroupCount, error: unknown): void {
    delete known.letters
    if (!known.hasFailed) log.warn({ group, error: String(error) }, 'dead letters not counted')
    known.hasFailed = true
  }
  async function count(group: string, known: GroupCount): Promise<void> {
    known.begunAtMs = performance.now()
    try {
      known.letters = await bus.deadLetters(group).count()
      known.hasFailed = false
    } catch (error) {
      fail(group, known, error)
    } finally {
      delete known.begunAtMs
      delete known.underWay
    }
  }
  async function countAll(): Promise<void> {
    const consumed = groups()
    for (const group of counts.keys()) if (!consumed.has(group)) counts.delete(group)
    const underWay = [...consumed].map((group) => {
      const known = counts.get(group) ?? { hasFailed: false }
      counts.set(group, known)
      known.underWay ??= count(group, known)
      return known.underWay
    })
    await settledWithin(SCRAPE_MS_MAX, Promise.all(underWay))
    for (const [group, known] of counts) {
      const isLate = performance.now() - (known.begunAtMs ?? Number.POSITIVE_INFINITY) > COUNT_MS_MAX
      if (isLate) fail(group, known, `no response in ${COUNT_MS_MAX} ms`)
    }
  }
  new Gauge({
    name: 'floodgate_dead_letters_waiting',
    help: 'Dead letters that wait for an operator now; absent while they cannot be counted',
    labelNames: ['group'],
    registers: [registry],
    aggregator: 'max',
    async collect() {
      await countAll()
      this.reset()
      for (const [group, { letters }] of counts) if (letters !== undefined) this.set({ group }, letters)
    },
  })
}
