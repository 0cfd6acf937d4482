import type { ThresholdResult } from '../bench.ts'
import { acceptedOf, type OrderReport } from '../order-load/job.ts'
import { atLeast, below } from '../report/thresholds.ts'
import type { DrivenRound } from './drive-round.ts'
import type { OrderRound } from './order-rounds.ts'
import type { Compared, Seed } from './seed.ts'

/** A load of orders by admitted buyers. */
export interface OrderSeed extends Seed {
  readonly rounds: readonly OrderRound[]
  /** Whether the orders are also paid, mailed and confirmed, as in a sale; else they are only held, as at the shop. */
  readonly paid: boolean
  /** Seconds of the load at the shop; undefined for a number of orders. */
  readonly seconds?: number
  /** Factor of the numbers of buyers and orders with `--small`. */
  readonly smallScale: number
  compare(rounds: readonly DrivenRound[]): readonly Compared[]
  thresholds(rounds: readonly DrivenRound[]): readonly ThresholdResult[]
}

const SECOND = 1_000
const RAMP = Array.from({ length: 10 }, (_, step) => 30 * (step + 1))
const absolute: { readonly kind: ThresholdResult['kind'] } = { kind: 'absolute' }

export const orderSeeds: readonly OrderSeed[] = [
  {
    name: 'l1',
    shop: 'C',
    about: '30 → 300 buyers order in a closed loop, 5,000 products of 100 units each',
    rounds: [{ sale: 'l1', products: 5_000, stockOfEach: 100, stages: RAMP }],
    paid: false,
    seconds: 300,
    smallScale: 0.1,
    compare: ([first]) => [
      { what: 'orders/s', theirs: '63; later 361, on one core', ours: rateText(first?.orders) },
      { what: 'mean response', theirs: '2.64 s; later 2.6 s', ours: msText(first?.orders.meanMs) },
      ...tail(first),
    ],
    thresholds: ([first]) => [atLeast(630, { what: 'orders/s', value: rateOf(first?.orders), ...absolute })],
  },
  {
    name: 'l2',
    shop: 'C',
    about: '1,000 buyers order in a closed loop while others read the stock',
    rounds: [{ sale: 'l2', products: 1, stockOfEach: 10_000_000, stages: [1_000], readsPerSecond: 3_600 }],
    paid: false,
    seconds: 600,
    smallScale: 0.05,
    compare: ([first]) => [
      { what: 'orders/s', theirs: '361', ours: rateText(first?.orders) },
      { what: 'reads of the stock/s, at the same time', theirs: '3,460', ours: rateText(first?.reads, '200') },
      { what: 'p95 of a read', theirs: '–', ours: msText(first?.reads?.p95Ms) },
      ...tail(first),
    ],
    thresholds: ([first]) => [
      atLeast(361, { what: 'orders/s', value: rateOf(first?.orders), ...absolute }),
      atLeast(3_460, { what: 'reads/s', value: rateOf(first?.reads, '200'), ...absolute }),
    ],
  },
  {
    name: 'l4',
    shop: 'B',
    about: '1,000 buyers order at once, stock 1,000',
    rounds: [{ sale: 'l4', products: 1, stockOfEach: 1_000, stages: [1_000], orders: 1_000 }],
    paid: true,
    smallScale: 0.1,
    compare: ([first]) => [
      { what: 'orders/s', theirs: '350', ours: rateText(first?.orders) },
      { what: 'orders accepted', theirs: '–', ours: count(first) },
      ...tail(first),
    ],
    thresholds: ([first]) => [atLeast(350, { what: 'orders/s', value: rateOf(first?.orders), ...absolute })],
  },
  {
    name: 'l7',
    shop: 'D',
    about: 'one buyer orders at a time',
    rounds: [{ sale: 'l7', products: 1, stockOfEach: 1_000, stages: [1], orders: 500 }],
    paid: true,
    smallScale: 0.02,
    compare: ([first]) => [
      { what: 'mean response', theirs: '55 ms', ours: msText(first?.orders.meanMs) },
      { what: 'longest', theirs: '342 ms', ours: msText(first?.orders.maxMs) },
      { what: 'p50 / p95', theirs: '–', ours: `${msText(first?.orders.p50Ms)} / ${msText(first?.orders.p95Ms)}` },
    ],
    thresholds: ([first]) => [
      below(10, { what: 'mean response', value: first?.orders.meanMs ?? 0, digits: 1, unit: ' ms', ...absolute }),
    ],
  },
  {
    name: 'l11',
    shop: 'A',
    about: '50 buyers on 1,000 units, 50 on 100, and 1,000 on 10,000 products',
    rounds: [
      { sale: 'l11-thousand', products: 1, stockOfEach: 1_000, stages: [50], orders: 50 },
      { sale: 'l11-hundred', products: 1, stockOfEach: 100, stages: [50], orders: 50 },
      { sale: 'l11-products', products: 10_000, stockOfEach: 1, stages: [1_000], orders: 1_000 },
    ],
    paid: true,
    smallScale: 0.2,
    compare: (rounds) =>
      rounds.map((driven) => ({
        what: `${driven.round.sale}: orders accepted, and p95`,
        theirs: '–',
        ours: `${count(driven)}, ${msText(driven.orders.p95Ms)}`,
      })),
    thresholds: () => [],
  },
]

const tail = (driven: DrivenRound | undefined): Compared[] => [
  { what: 'p50 / p95 / p99 of an order', theirs: '–', ours: quantiles(driven?.orders) },
]

const count = (driven: DrivenRound | undefined): string =>
  driven === undefined ? '–' : `${acceptedOf(driven.orders)} of ${driven.round.orders}`

const rateOf = (report: OrderReport | undefined, status = '201'): number =>
  report === undefined ? 0 : (report.statuses[status] ?? 0) / (report.elapsedMs / SECOND)

const rateText = (report: OrderReport | undefined, status?: string): string =>
  Math.round(rateOf(report, status)).toLocaleString('en')

const msText = (ms: number | undefined): string => `${(ms ?? 0).toFixed((ms ?? 0) < 100 ? 1 : 0)} ms`

const quantiles = (report: OrderReport | undefined): string =>
  [report?.p50Ms, report?.p95Ms, report?.p99Ms].map(msText).join(' / ')
