import type { LogEntry, SaleCounts, SimulatedCharge, StockAudit } from '@floodgate/contracts'
import { faults } from '../report/faults.ts'

/** The system's own data of a sale, once the crowd is gone. */
export interface SaleFacts {
  readonly stock: StockAudit
  readonly log: readonly LogEntry[]
  readonly counts: SaleCounts
  /** All charges of the simulator; without one money is not checked. */
  readonly charges?: readonly SimulatedCharge[]
}

/** The facts that the crowd knows, which must therefore hold. */
export interface SaleExpectation {
  /** Units sold: `all` of the stock, or this many. Without it, no more than the stock. */
  readonly sold?: 'all' | number
  /** Units held by orders that nobody pays for; none by default. */
  readonly held?: number
  /** The ids of the orders that buyers saw confirmed. */
  readonly confirmed?: readonly string[]
  /** Orders of other sales that the same simulator was paid for; none by default. */
  readonly paidElsewhere?: number
  /** The number of admissions, if every buyer who joined must have been admitted. */
  readonly admitted?: number
}

/** Maximum number of culprits named per fault. */
const NAMED_MAX = 3

/** Lists all faults of a sale that is over, as sentences; none when it is exactly right. Pure. */
export function saleFaults(facts: SaleFacts, expectation: SaleExpectation): string[] {
  return [
    ...stockFaults(facts.stock, expectation),
    ...lineFaults(facts, expectation),
    ...(facts.charges === undefined ? [] : chargeFaults(facts.stock, facts.charges, expectation)),
  ]
}

function stockFaults(
  { agree, skus, vouchers = [] }: StockAudit,
  { sold, held: wantedHeld = 0, confirmed }: SaleExpectation,
): string[] {
  const differing = [
    ...skus.filter((each) => !each.agree).map(({ sku }) => sku),
    ...vouchers.filter((each) => !each.agree).map(({ campaign }) => `the vouchers ${campaign}`),
  ]
  const wanted = sold === 'all' ? skus.reduce((sum, { total }) => sum + total, 0) : sold
  const soldUnits = unitsSold({ skus })
  const heldUnits = skus.reduce((sum, { postgres }) => sum + postgres.held, 0)
  const confirmations = confirmed?.length ?? 0
  const twice = repeated(confirmed ?? [])
  return [
    ...faults([[!agree, `Redis and Postgres differ about ${named(differing)}`]]),
    ...vouchers.flatMap(({ campaign, total, issued }) =>
      faults([[issued > total, `${issued} vouchers ${campaign} are issued of ${total}`]]),
    ),
    ...skus.flatMap(({ sku, total, postgres: { available, held, sold: gone } }) =>
      faults([
        [gone + held > total, `${sku} is oversold: ${gone} sold and ${held} held of ${total}`],
        [available + held + gone !== total, `${sku} does not add up: ${available} + ${held} + ${gone} is not ${total}`],
        [wantedHeld === 0 && held > 0, `${held} of ${sku} are still held`],
      ]),
    ),
    ...faults([
      [wantedHeld > 0 && heldUnits !== wantedHeld, `${heldUnits} units are held, ${wantedHeld} must be`],
      [wanted !== undefined && soldUnits !== wanted, `${soldUnits} units are sold, ${wanted} must be`],
      [
        confirmations > soldUnits,
        `${confirmations} orders were confirmed to their buyers, only ${soldUnits} units are sold`,
      ],
      [twice.length > 0, `one order was confirmed to two buyers: ${named(twice)}`],
    ]),
  ]
}

function lineFaults({ log, counts }: SaleFacts, { admitted: expected }: SaleExpectation): string[] {
  const admitted = log.filter(({ kind }) => kind === 'admitted')
  // A place belongs to one buyer and is never given again: a second admission of a place is a second admission of the
  // buyer.
  const places = repeated(admitted.map(({ place }) => String(place)))
  const slots = repeated(admitted.map(({ slot }) => String(slot)))
  const returned = repeated(log.filter(({ kind }) => kind === 'returned').map(({ slot }) => String(slot)))
  return faults([
    [places.length > 0, `places were admitted twice: ${named(places)}`],
    [slots.length > 0, `slots were assigned twice: ${named(slots)}`],
    [returned.length > 0, `slots were returned twice: ${named(returned)}`],
    [
      admitted.length !== counts.admitted,
      `the log has ${admitted.length} admissions, the sale counts ${counts.admitted}`,
    ],
    [counts.admitted > counts.joined, `${counts.admitted} buyers were admitted, only ${counts.joined} had joined`],
    [
      expected !== undefined && admitted.length !== expected,
      `${admitted.length} buyers were admitted, ${expected} must be`,
    ],
  ])
}

function chargeFaults(
  stock: StockAudit,
  charges: readonly SimulatedCharge[],
  { confirmed, paidElsewhere = 0 }: SaleExpectation,
): string[] {
  const approved = charges.filter(({ status }) => status === 'approved')
  const twice = repeated(approved.map(({ orderId }) => orderId))
  const kept = approved.filter(({ amountMinor, refundedMinor }) => refundedMinor < amountMinor)
  const partly = kept.filter(({ refundedMinor }) => refundedMinor > 0)
  const paid = new Set(kept.map(({ orderId }) => orderId))
  const unpaid = (confirmed ?? []).filter((order) => !paid.has(order))
  // Every order of a bench has one unit.
  const units = unitsSold(stock) + paidElsewhere
  return faults([
    [twice.length > 0, `orders were charged twice: ${named(twice)}`],
    [partly.length > 0, `charges were refunded in part: ${named(partly.map(({ orderId }) => orderId))}`],
    [unpaid.length > 0, `confirmed orders have no charge: ${named(unpaid)}`],
    [paid.size !== units, `${paid.size} orders are paid for, ${units} units are sold`],
  ])
}

/** Returns the number of units sold of all items together, by Postgres. Pure. */
export function unitsSold({ skus }: Pick<StockAudit, 'skus'>): number {
  return skus.reduce((sum, { postgres }) => sum + postgres.sold, 0)
}

function repeated(values: readonly string[]): string[] {
  const seen = new Set<string>()
  const again = new Set<string>()
  for (const value of values) (seen.has(value) ? again : seen).add(value)
  return [...again]
}

const named = (culprits: readonly string[]): string =>
  culprits.length <= NAMED_MAX
    ? culprits.join(', ')
    : `${culprits.slice(0, NAMED_MAX).join(', ')} and ${culprits.length - NAMED_MAX} more`
