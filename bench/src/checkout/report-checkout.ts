import type { BenchResult, ThresholdResult } from '../bench.ts'
import { table as markdownTable } from '../report/table.ts'
import { atLeast } from '../report/thresholds.ts'
import { barPlot } from '../results/plot.ts'
import type { Table } from './compare-strategies.ts'
import type { SellOut } from './sell-out.ts'
import { type StrategyName, strategyTitles } from './strategies.ts'

const CORE = 'order core'
const LOCK_RATIO_MIN = 10
const TRANSACTION_RATIO_MIN = 3
const ACCEPTED_PER_SECOND_MIN = 3_000

export interface CheckoutMeasured {
  /** The table that the thresholds refer to, shown first. */
  readonly hot: Table
  readonly tables: readonly Table[]
  readonly sellOuts: readonly SellOut[]
  readonly faults: readonly string[]
  readonly replicas: number
  readonly connections: number
  readonly durable: string
}

/** Reports the result in words, thresholds and a picture. Pure. */
export function reportCheckout(measured: CheckoutMeasured): BenchResult {
  const { hot, tables, sellOuts } = measured
  const thresholds: ThresholdResult[] = [
    ratioThreshold(hot, 'distributed-lock', LOCK_RATIO_MIN),
    ratioThreshold(hot, 'pg-transaction', TRANSACTION_RATIO_MIN),
    atLeast(ACCEPTED_PER_SECOND_MIN, {
      what: 'accepted orders/s, one hot SKU',
      ...{ value: rateOf(hot, CORE), unit: '/s', kind: 'absolute' },
    }),
  ]
  return {
    title: 'Checkout by group commit, compared to other strategies',
    thresholds,
    faults: [...tables.flatMap(({ faults }) => faults), ...measured.faults],
    markdown: [...tables.map(tableText), sellOutText(sellOuts), notes(measured)].join('\n\n'),
    plot: barPlot(
      'Accepted orders per second, one hot SKU, of one pg transaction per order',
      Object.entries(hot.standings).map(([name, { perSecond }]) => {
        const ratio = perSecond / rateOf(hot, 'pg-transaction')
        return { label: name, value: ratio, text: ratio.toFixed(2), highlight: name === CORE }
      }),
    ),
    details: { tables, sellOuts },
  }
}

const rateOf = (table: Table, name: string): number => table.standings[name]?.perSecond ?? 0

const titleOf = (name: string): string => strategyTitles[name as StrategyName] ?? `**${name}: group commit**`

function ratioThreshold(table: Table, strategy: StrategyName, least: number): ThresholdResult {
  return atLeast(least, {
    what: `accepted orders/s, one hot SKU, of ${strategyTitles[strategy]}`,
    ...{ value: rateOf(table, CORE) / rateOf(table, strategy), digits: 1, unit: ' ×' },
  })
}

function tableText({ title, standings, sweeps }: Table): string {
  const core = standings[CORE]?.perSecond ?? 0
  const rows = Object.entries(standings).map(([name, { perSecond, p50Ms, p99Ms, shares }]) => {
    const pool = sweeps.find(({ strategy }) => strategy === name)?.best ?? '–'
    const share = (of: string) => (shares[of] ?? 0).toFixed(2)
    const busy = ['server', 'postgres', 'redis', 'generator'].map(share).join(' / ')
    return [
      titleOf(name),
      String(Math.round(perSecond)),
      `${(core / perSecond).toFixed(1)} ×`,
      cpuPerOrderMs(shares, perSecond).toFixed(2),
      `${Math.round(p50Ms)} / ${Math.round(p99Ms)}`,
      pool,
      busy,
    ]
  })
  return [
    `## ${title}`,
    '',
    markdownTable(
      [
        ...['strategy', 'accepted/s here', 'the core is', 'CPU ms per order', 'p50 / p99 ms', 'pool'],
        'cores: server / Postgres / Redis / generator',
      ],
      rows,
    ),
    '',
    ...sweeps.filter(({ perSecond }) => Object.keys(perSecond).length > 0).map(sweepText),
  ].join('\n')
}

/**
 * Returns what server, Postgres and Redis spend on an order together: other work on the machine affects these costs
 * less than the rate.
 */
const cpuPerOrderMs = (shares: Readonly<Record<string, number>>, perSecond: number): number =>
  (((shares.server ?? 0) + (shares.postgres ?? 0) + (shares.redis ?? 0)) / perSecond) * 1_000

const sweepText = ({ strategy, perSecond, best }: Table['sweeps'][number]): string =>
  `- ${strategy}: a pool of ${best} was best (${Object.entries(perSecond)
    .map(([pool, rate]) => `${pool}: ${Math.round(rate)}/s`)
    .join(', ')})`

function sellOutText(sellOuts: readonly SellOut[]): string {
  const rows = sellOuts.map(({ name, stock, rows: sold, oversold }) => [
    ...[titleOf(name), stock, sold],
    oversold ? '**oversells**' : 'no',
  ])
  return `## Twice as many buyers as units\n\n${markdownTable(['strategy', 'units', 'orders written', 'oversells'], rows)}`
}

const notes = ({ replicas, connections, durable }: CheckoutMeasured): string =>
  `${connections} buyers at once in a closed loop; ${replicas} process${replicas === 1 ? '' : 'es'} of the order core, one of each other server. ` +
  `Postgres waits for the disk: ${durable}, for all. All verify the same admissions, parse the body with the same schema and write the same rows ` +
  'in the same tables (order, line, stock, outbox). The others omit what the order core also does: idempotency keys, the limit per buyer, one order per slot, ' +
  'sealing the e-mail address, a log line and metrics per order, and publishing the outbox meanwhile. Their tables are empty at every round, those of the order core are not.'
