import type { BenchResult } from '../bench.ts'
import { median } from '../machine/median.ts'
import { table } from '../report/table.ts'
import { atMost } from '../report/thresholds.ts'
import { type Costs, differenceOf, ratioOf } from './alternate.ts'
import { FRAMEWORKS, handlerName } from './serve-unprotected.ts'
import { JOSE, NODE_CRYPTO, VERIFIER } from './verify-tokens.ts'

const RATIO_MAX = 1.1
const OVERHEAD_US_MAX = 2

export interface GateCosts {
  readonly verification: Costs
  readonly unprotected: Costs
  readonly tokens: number
  readonly rounds: number
}

/** Reports the result in words and thresholds. Pure. */
export function reportGate(measured: GateCosts): BenchResult {
  const { verification, unprotected, tokens, rounds } = measured
  const ratios = [JOSE, NODE_CRYPTO].map((beside) =>
    atMost(RATIO_MAX, {
      what: `verification of a new token with a warm key, of ${beside}`,
      ...{ value: ratioOf(verification, VERIFIER, beside), digits: 2, unit: ' ×' },
    }),
  )
  const overheads = FRAMEWORKS.map((framework) =>
    atMost(OVERHEAD_US_MAX, {
      what: `what the gate adds to a request for an unprotected path, ${framework}`,
      ...{ value: overheadOf(unprotected, framework), digits: 2, unit: ' µs' },
    }),
  )
  return {
    title: 'The gate of a shop',
    thresholds: [...ratios, ...overheads],
    faults: [],
    markdown: `${table(['CPU time of one call', 'median, µs', 'best round, µs'], rowsOf({ ...verification, ...unprotected }), { numeric: true })}

${tokens} tokens, each verified once by each way. All in one process, ${rounds} rounds, in each of which all ways take turns; ratios and differences
are those of a round, and their medians count. The signature check by \`node:crypto\` reads no claim.
`,
    details: measured,
  }
}

const overheadOf = (costs: Costs, framework: (typeof FRAMEWORKS)[number]): number =>
  differenceOf(costs, handlerName(framework, true), handlerName(framework, false))

const rowsOf = (costs: Costs): [string, string, string][] =>
  Object.entries(costs).map(([name, values]) => [name, median(values).toFixed(2), Math.min(...values).toFixed(2)])
