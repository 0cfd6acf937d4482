import { setInterval as every } from 'node:timers/promises'
import { arrivalPatterns, type Crowd, createMeasures, type Measures, parseMix, runCrowd } from '@floodgate/crowd'
import { auditSale } from '../audit/audit-sale.ts'
import { type BenchResult, defineBench } from '../bench.ts'
import { oneItem } from '../system/operator.ts'
import { withSystem } from '../system/system.ts'
import { crowdFaults, endFaults } from './crowd-faults.ts'
import { outcomeTable, timingTable } from './measure-tables.ts'

const SECOND = 1_000
const sale = 'crowd'

/** Runs the same buyers as the k6 scripts in one Node process, where k6 is not available. */
export const crowdBench = defineBench({
  name: 'crowd',
  about: 'simulated buyers in TypeScript join, wait, buy and leave; audited exactly',
  group: 'load',
  needs: [],
  options: {
    buyers: { about: 'buyers', default: 2_000, small: 120 },
    stock: { about: 'units for sale', default: 500, small: 30 },
    rate: { about: 'admissions per second', default: 200, small: 40 },
    seconds: { about: 'seconds in which they arrive', default: 10, small: 2 },
    arrival: { about: `arrival pattern: ${arrivalPatterns.join(', ')}`, default: 'even' },
    mix: {
      about: 'percentages of buy, leave, be-declined and wait; the rest waits',
      default: 'buy=50,leave=10,be-declined=5',
    },
    sockets: { about: 'percentage that waits by WebSocket', default: '20' },
    seed: { about: 'seed of the random mix', default: 1 },
  },
  run: (run) => {
    const { values, progress, signal } = run
    const arrival = arrivalOf(values.arrival, values.seconds)
    const mix = parseMix(values.mix)
    const socketPercent = percentOf(values.sockets)
    return withSystem(run, {}, async (system) => {
      const { operator } = system
      await operator.openSale(sale, { admitPerSecond: values.rate, items: [oneItem(values.stock)] })
      progress(`${values.buyers} buyers arrive within ${values.seconds} s`)
      const measures = createMeasures()
      const over = new AbortController()
      void tellProgress(measures.read, { size: values.buyers, progress, signal: over.signal })
      const startedAt = performance.now()
      const crowd = await runCrowd({
        sale,
        size: values.buyers,
        waitingRooms: system.urlsOf('waiting-room'),
        orderCores: system.urlsOf('order-core'),
        mix,
        arrival,
        socketPercent,
        seed: values.seed,
        observer: measures.observer,
        signal,
      }).finally(() => over.abort())
      signal.throwIfAborted()
      const seconds = (performance.now() - startedAt) / SECOND
      progress('auditing the sale')
      const confirmed = crowd.buyers.flatMap(({ outcome, order }) => (outcome === 'confirmed' && order ? [order] : []))
      const wanted = crowd.buyers.filter(({ intent }) => intent === 'buy').length
      const faults = await auditSale(system, { sale, sold: Math.min(values.stock, wanted), confirmed })
      const measured = measures.read()
      measures.close()
      return resultOf({
        crowd,
        measured,
        seconds,
        faults: [...crowdFaults(measured), ...endFaults(crowd, values.buyers), ...faults],
      })
    })
  },
})

function arrivalOf(name: string, seconds: number) {
  const pattern = arrivalPatterns.find((each) => each === name)
  if (pattern === undefined) throw new Error(`--arrival is one of ${arrivalPatterns.join(', ')}, not "${name}".`)
  return { pattern, overMs: seconds * SECOND }
}

function percentOf(text: string): number {
  const percent = Number(text)
  if (!Number.isInteger(percent) || percent < 0 || percent > 100)
    throw new Error(`--sockets takes a percentage, not "${text}".`)
  return percent
}

async function tellProgress(
  read: () => Measures,
  options: { readonly size: number; progress(line: string): void; readonly signal: AbortSignal },
): Promise<void> {
  try {
    for await (const _ of every(2 * SECOND, undefined, { signal: options.signal })) {
      const { joined, waits, outcomes } = read()
      const done = Object.values(outcomes).reduce((sum, count) => sum + count, 0)
      options.progress(`${joined} joined, ${waits.length} admitted, ${done} of ${options.size} done`)
    }
  } catch {
    // The crowd is done.
  }
}

function resultOf(done: {
  readonly crowd: Crowd
  readonly measured: Measures
  readonly seconds: number
  readonly faults: readonly string[]
}): BenchResult {
  const { crowd, measured, seconds, faults } = done
  const responses = Object.values(measured.statuses).reduce((sum, count) => sum + count, 0)
  return {
    title: `A crowd of ${crowd.buyers.length}`,
    thresholds: [],
    faults,
    markdown: [
      outcomeTable(measured.outcomes),
      timingTable(measured.timings),
      `${responses} responses in ${seconds.toFixed(1)} s, ${Math.round(responses / seconds)} per second; ${measured.admittedBySocket} buyers were admitted by socket. ` +
        `The crowd's own event loop was ${measured.generator.p99.toFixed(1)} ms late at the 99th percentile: its times include that.`,
    ].join('\n\n'),
    details: { measured: { ...measured, waits: measured.waits.length }, seconds },
  }
}
