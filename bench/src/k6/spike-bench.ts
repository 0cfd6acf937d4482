import { setTimeout as delay } from 'node:timers/promises'
import { defineBench } from '../bench.ts'
import { faults } from '../report/faults.ts'
import { withSystem } from '../system/system.ts'
import { summaryDetails } from './beside-baseline.ts'
import { driveSale } from './drive-sale.ts'
import { quantileMs } from './histogram.ts'

const sale = 'spike'
const COUNTED_MS_MAX = 60_000
const COUNTED_POLL_MS = 100

/** Lets all buyers join within seconds. */
export const spikeBench = defineBench({
  name: 'spike',
  about: '10,000 users join within 5 s',
  group: 'load',
  needs: ['k6'],
  options: {
    users: { about: 'buyers', default: 10_000, small: 100 },
    seconds: { about: 'seconds in which they join', default: 5, small: 1 },
    replicas: { about: 'processes of the waiting room', default: 3, small: 2 },
  },
  run: (run) =>
    withSystem(run, { replicas: { 'waiting-room': run.values.replicas } }, async (system) => {
      const { users, seconds, replicas } = run.values
      await system.operator.openSale(sale, { admitPerSecond: 0.1, maxActive: 1 })
      const {
        summary,
        served,
        faults: found,
      } = await driveSale(run, system, {
        script: 'spike',
        sale,
        users,
        settings: { seconds },
      })
      const { joined, waiting, active, away } = await untilCounted(() => system.operator.sale(sale), users)
      const inLine = waiting + active + away
      const isComplete = joined === users && inLine === users
      const lost = faults([[!isComplete, `${joined} of ${users} users joined, and ${inLine} are in line`]])
      const { medianMs, p95Ms, p99Ms } = summary.all
      return {
        title: `${users} joins within ${seconds} s`,
        thresholds: [],
        faults: [...found, ...lost],
        markdown: `${joined} places drawn by ${replicas} waiting rooms, none twice and none missing. Response times p50 ${medianMs.toFixed(1)} ms, p95 ${p95Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms; by the servers' own histogram p95 ${quantileMs(served, 0.95).toFixed(1)} ms.`,
        details: summaryDetails(summary),
      }
    }),
})

interface Counted {
  readonly counts: { joined: number; waiting: number; active: number; away: number }
}

/** Waits for the counts, which come from a snapshot that is taken a few times a second. */
async function untilCounted(read: () => Promise<Counted>, users: number): Promise<Counted['counts']> {
  const deadline = performance.now() + COUNTED_MS_MAX
  for (;;) {
    const { counts } = await read()
    if (counts.joined >= users || performance.now() > deadline) return counts
    await delay(COUNTED_POLL_MS)
  }
}
