import { setTimeout as delay } from 'node:timers/promises'
import type { Operator } from '@floodgate/client'
import { simulatedCharges } from '@floodgate/contracts'
import { type SaleExpectation, type SaleFacts, saleFaults } from './sale-faults.ts'

/** The sources of the facts. Without a payment simulator money is not checked. */
export interface Audited {
  readonly operator: Operator
  readonly urls?: { readonly paymentSimulator: string }
}

const SECOND = 1_000
const POLL_MS = 250
const STILL_MS_MAX = 30 * SECOND

/**
 * Reads the system's data of a sale and finds faults: stock, line, and money where there is a simulator. The data may
 * lag behind the buyers on a slow machine, so it repeats until it finds no fault, or until nothing has changed for
 * `stillMsMax` (30 s); returns the last faults. Assumes that every order has one unit.
 */
export async function auditSale(
  audited: Audited,
  {
    sale,
    stillMsMax = STILL_MS_MAX,
    ...expectation
  }: SaleExpectation & { readonly sale: string; readonly stillMsMax?: number },
): Promise<string[]> {
  let seen = ''
  let movedAt = performance.now()
  for (;;) {
    const facts = await readFacts(audited, sale)
    const faults = saleFaults(facts, expectation)
    const now = fingerprintOf(facts)
    if (now !== seen) movedAt = performance.now()
    seen = now
    if (faults.length === 0 || performance.now() - movedAt > stillMsMax) return faults
    await delay(POLL_MS)
  }
}

/** Returns a text that is equal for two reads between which nothing has changed. Pure. */
const fingerprintOf = ({ stock, log, counts, charges = [] }: SaleFacts): string =>
  JSON.stringify([stock, log.length, counts, charges.map(({ status, refundedMinor }) => [status, refundedMinor])])

async function readFacts({ operator, urls }: Audited, sale: string): Promise<SaleFacts> {
  const stock = await operator.stock(sale)
  const log = await operator.log(sale)
  const { counts } = await operator.sale(sale)
  if (urls === undefined) return { stock, log, counts }
  return { stock, log, counts, charges: await readCharges(urls.paymentSimulator) }
}

async function readCharges(simulator: string): Promise<SaleFacts['charges'] & object> {
  const response = await fetch(`${simulator}/charges`)
  if (!response.ok) throw new Error(`GET ${simulator}/charges: ${response.status}`)
  return simulatedCharges.parse(await response.json()).charges
}
