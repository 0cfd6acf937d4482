import { join } from 'node:path'
import { acceptedOf } from '../order-load/job.ts'
import { prepareOrders, writeOrders } from '../order-load/prepare-orders.ts'
import { faults } from '../report/faults.ts'
import { oneItem } from '../stage/operator.ts'
import { startBaseline } from './baseline-process.ts'
import type { Parts } from './compare-ways.ts'
import { baselineContestant, type Contestant, faultsOf } from './contestant.ts'
import { wayNames } from './ways.ts'

export interface SellOut {
  readonly name: string
  readonly stock: number
  readonly accepted: number
  readonly rows: number
  readonly oversold: boolean
}

const SALE = 'bench-last'
const POOL = 16
/** Every buyer asks, however slow the way is; the order core keeps its own bound, which is far away. */
const SECONDS_MAX = 900

/**
 * Twice as many buyers as units, for every way: who sells more than there is? Counted in
 * rows. What the order core does wrong here is a fault of the run; of the others it is what one wants to know.
 */
export async function sellOut(
  parts: Parts,
  stock: number,
): Promise<{ readonly sellOuts: readonly SellOut[]; readonly faults: readonly string[] }> {
  const { run, stage, database, servers, core } = parts
  const driving = { ...parts.driving, secondsMax: SECONDS_MAX }
  const item = oneItem(stock)
  const skus = [item.sku]
  await stage.operator.openSale(SALE, { items: [item] })
  const ordersFile = join(run.directory, `${SALE}.json`)
  const count = stock * 2
  await writeOrders(ordersFile, await prepareOrders({ ...stage.system, sale: SALE, count, skus, label: SALE }))
  const sellOuts: SellOut[] = []
  const found: string[] = []

  async function play(contestant: Contestant): Promise<SellOut> {
    driving.signal.throwIfAborted()
    const measurement = await contestant.measure({ sale: SALE, ordersFile, total: stock })
    const { rows, report } = measurement
    const outcome = { name: contestant.name, stock, accepted: acceptedOf(report), rows, oversold: rows > stock }
    run.progress(`${stock} units: ${contestant.name} sold ${rows}`)
    sellOuts.push(outcome)
    found.push(...faultsOf(contestant.name, measurement, { mayFail: run.small && contestant !== core }))
    return outcome
  }
  const { rows } = await play(core)
  const { agree } = await stage.operator.stock(SALE)
  const ofCore = faults(
    [
      [rows !== stock, `${rows} sold of ${stock}`],
      [!agree, 'the stock audit disagrees'],
    ],
    core.name,
  )
  const baselines = await Promise.all(
    wayNames.map(async (way) => ({ way, server: await startBaseline(way, { servers, pool: POOL }) })),
  )
  try {
    for (const { way, server } of baselines)
      await play(baselineContestant(way, { server, database, stage, skusOf: () => skus, driving }))
  } finally {
    await Promise.all(baselines.map(({ server }) => server.stop()))
  }
  return { sellOuts, faults: [...found, ...ofCore] }
}
