import type { BenchResult } from '../bench.ts'
import { median } from '../machine/median.ts'

/** Of the rate without anything at fault. */
const RATIO_MIN = 0.9

export interface Turn {
  /** From the first order until the last one is mailed. */
  readonly ms: number
  readonly accepted: number
  readonly failures: number
  /** Orders that are confirmed and mailed. */
  readonly mailed: number
  readonly notReady: readonly string[]
  /** Whether an operator could see what was at fault. */
  readonly isSeen: boolean
}

export interface BulkheadRow {
  readonly kind: string
  readonly pairs: readonly { readonly without: Turn; readonly with: Turn }[]
}

export interface BulkheadsMeasured {
  readonly rows: readonly BulkheadRow[]
  readonly orders: number
  readonly restarts: number
}

/** Judges by the median of the pairs' ratios: both turns of a pair have the same neighbours on the machine. Pure. */
export function judgeBulkheads(measured: BulkheadsMeasured): BenchResult {
  const { rows, orders } = measured
  return {
    title: 'One at fault among many',
    bars: rows.map((row) => ({
      what: `orders a second beside one bad ${row.kind}, to none`,
      bar: `≥ ${RATIO_MIN}`,
      measured: ratioOf(row).toFixed(2),
      reached: ratioOf(row) >= RATIO_MIN,
      kind: 'ratio' as const,
    })),
    faults: faultsOf(measured),
    markdown: [
      '| one bad | pairs | orders/s without | with | ratio, median | lowest |\n|---|---|---|---|---|---|',
      ...rows.map((row) => rowText(row, orders)),
      '',
      `${orders} good orders of a sale of their own each turn, from the first \`POST /orders\` until the last confirmation is mailed; one process of ` +
        'each app, Redis bus. The bad order is overdue and its buyer has no units; the bad sale cannot be read in Redis; the bad ' +
        'mail cannot be opened; the bad event is no JSON, for every consumer. Each is seen by an operator and then dropped.',
    ].join('\n'),
    details: measured,
  }
}

/** Pure. */
function faultsOf({ rows, orders, restarts }: BulkheadsMeasured): string[] {
  const ofTurns = rows.flatMap(({ kind, pairs }) =>
    pairs.flatMap((pair) =>
      (['without', 'with'] as const).flatMap((how) => {
        const { accepted, failures, mailed, notReady, isSeen } = pair[how]
        const checks: readonly (readonly [boolean, string])[] = [
          [accepted !== orders, `${accepted} of ${orders} orders accepted`],
          [failures > 0, `${failures} failed answers`],
          [mailed !== orders, `${mailed} of ${orders} orders mailed`],
          [notReady.length > 0, `not ready: ${notReady.join(', ')}`],
          [!isSeen, 'the bad one was not to be seen'],
        ]
        return checks.flatMap(([wrong, fault]) => (wrong ? [`${how} a bad ${kind}: ${fault}`] : []))
      }),
    ),
  )
  return restarts === 0 ? ofTurns : [...ofTurns, `${restarts} processes died meanwhile`]
}

const ratiosOf = ({ pairs }: BulkheadRow): number[] => pairs.map((pair) => pair.without.ms / pair.with.ms)
const ratioOf = (row: BulkheadRow): number => median(ratiosOf(row))

const rowText = (row: BulkheadRow, orders: number): string => {
  const rate = (how: 'without' | 'with') =>
    Math.round((orders / median(row.pairs.map((pair) => pair[how].ms))) * 1_000).toString()
  const figures = [rate('without'), rate('with'), ratioOf(row).toFixed(2), Math.min(...ratiosOf(row)).toFixed(2)]
  return `| ${[row.kind, row.pairs.length, ...figures].join(' | ')} |`
}
