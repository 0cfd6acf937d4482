import type { BenchResult } from '../bench.ts'
import { percentile } from '../order-load/percentile.ts'
import { faults } from '../report/faults.ts'
import { table } from '../report/table.ts'
import { atMost } from '../report/thresholds.ts'

export interface SocketsMeasured {
  readonly sockets: number
  /** Resident KiB per socket, of the waiting room and of a bare `ws` server. */
  readonly kibEach: number
  readonly bareKibEach: number
  /**
   * For every admission whose buyer had a socket: from its entry in the sale's log, by Redis' time, to the arrival of
   * the push.
   */
  readonly delaysMs: readonly number[]
  readonly admissions: number
  readonly admitPerSecond: number
  /** Sockets that did not open, or were cut. */
  readonly failed: number
  /** CPU of the waiting room without admissions, and while admissions were pushed; percent of a core. */
  readonly cpuWaiting: number
  readonly cpuAdmitting: number
}

const KIB_MAX = 12
const PUSH_MS_MAX = 250
const PUSH_SHARE = 0.99

/** Reports the memory of a socket, and how fast an admission reaches it. Pure. */
export function reportSockets(measured: SocketsMeasured): BenchResult {
  const { sockets, kibEach, bareKibEach, delaysMs, admissions, admitPerSecond, failed } = measured
  return {
    title: 'Sockets of one process',
    thresholds: [
      atMost(KIB_MAX, {
        what: `resident memory per socket, ${sockets.toLocaleString('en')} in one process`,
        ...{ value: kibEach, digits: 1, unit: ' KiB' },
      }),
      atMost(PUSH_MS_MAX, {
        what: 'from the admission to the push, p99',
        ...{ value: percentile(delaysMs, PUSH_SHARE), unit: ' ms' },
      }),
    ],
    faults: faults([
      [failed > 0, `${failed} sockets did not open or were cut`],
      [delaysMs.length !== admissions, `${admissions} buyers were admitted, ${delaysMs.length} got it by their socket`],
      [admissions === 0, 'nobody was admitted'],
    ]),
    markdown: `${table(['', 'waiting room', 'bare `ws` server'], [['KiB per socket', kibEach.toFixed(1), bareKibEach.toFixed(1)]])}

Memory is the growth of the process' resident pages from no socket to ${sockets.toLocaleString('en')}, both times once it was stable; the
buyers had joined before. Pushes at ${admitPerSecond} admissions per second, from the time in the sale's log (Redis' clock) to
the arrival at the client, ${delaysMs.length} of them: ${[0.5, 0.9, 0.99, 1].map((share) => `${percentile(delaysMs, share).toFixed(0)} ms`).join(', ')} (p50, p90, p99, maximum).

The waiting room took ${measured.cpuWaiting.toFixed(1)} % of a core while all of them waited, ${measured.cpuAdmitting.toFixed(1)} % while
it admitted them.
Clients and servers share one machine and one clock.
`,
    details: measured,
  }
}
