import { join } from 'node:path'
import { acceptedOf } from '../order-load/job.ts'
import { prepareOrders, writeOrders } from '../order-load/prepare-orders.ts'
import { faults } from '../report/faults.ts'
import { oneItem } from '../system/operator.ts'
import { startBaseline } from './baseline-process.ts'
import { baselineCandidate, type Candidate, faultsOf } from './candidate.ts'
import type { Parts } from './compare-strategies.ts'
import { strategyNames } from './strategies.ts'

export interface SellOut {
  readonly name: string
  readonly stock: number
  readonly accepted: number
  readonly rows: number
  readonly oversold: boolean
}

const SALE = 'bench-last'
const POOL = 16
/**
 * Time limit of a response: every buyer orders, however slow the strategy is. The order core keeps its own bound, which
 * is far below.
 */
const SECONDS_MAX = 900

/**
 * Sends twice as many buyers as units to every strategy, and counts in rows which of them oversell. A fault of the
 * order core voids the run; for the others it is the finding.
 */
export async function sellOut(
  parts: Parts,
  stock: number,
): Promise<{ readonly sellOuts: readonly SellOut[]; readonly faults: readonly string[] }> {
  const { run, system, database, servers, core } = parts
  const driving = { ...parts.driving, secondsMax: SECONDS_MAX }
  const item = oneItem(stock)
  const skus = [item.sku]
  await system.operator.openSale(SALE, { items: [item] })
  const ordersFile = join(run.directory, `${SALE}.json`)
  const count = stock * 2
  await writeOrders(ordersFile, await prepareOrders({ dataDir: system.dataDir, sale: SALE, count, skus, label: SALE }))
  const sellOuts: SellOut[] = []
  const found: string[] = []

  async function sell(candidate: Candidate): Promise<SellOut> {
    driving.signal.throwIfAborted()
    const measurement = await candidate.measure({ sale: SALE, ordersFile, total: stock })
    const { rows, report } = measurement
    const outcome = { name: candidate.name, stock, accepted: acceptedOf(report), rows, oversold: rows > stock }
    run.progress(`${stock} units: ${candidate.name} sold ${rows}`)
    sellOuts.push(outcome)
    found.push(...faultsOf(candidate.name, measurement, { mayFail: run.small && candidate !== core }))
    return outcome
  }
  const { rows } = await sell(core)
  const { agree } = await system.operator.stock(SALE)
  const ofCore = faults(
    [
      [rows !== stock, `${rows} sold of ${stock}`],
      [!agree, 'the stock audit disagrees'],
    ],
    core.name,
  )
  const baselines = await Promise.all(
    strategyNames.map(async (strategy) => ({
      strategy,
      server: await startBaseline(strategy, { servers, pool: POOL }),
    })),
  )
  try {
    for (const { strategy, server } of baselines)
      await sell(baselineCandidate(strategy, { server, database, system, skusOf: () => skus, driving }))
  } finally {
    await Promise.all(baselines.map(({ server }) => server.stop()))
  }
  return { sellOuts, faults: [...found, ...ofCore] }
}
