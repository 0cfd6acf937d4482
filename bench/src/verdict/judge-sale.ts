import type { LogEntry, SaleCounts, SimulatedCharge, StockAudit } from '@floodgate/contracts'

/** What the system itself says of a sale, once the crowd is gone. */
export interface SaleFacts {
  readonly stock: StockAudit
  readonly log: readonly LogEntry[]
  readonly counts: SaleCounts
  /** All charges of a simulator that served this sale alone; without one nothing is said about money. */
  readonly charges?: readonly SimulatedCharge[]
}

/** What those outside know, and what must therefore be true. */
export interface SaleExpectation {
  /** Units sold: `all` of the stock, or this many. Without it, no more than the stock. */
  readonly sold?: 'all' | number
  /** The orders that buyers saw confirmed. */
  readonly confirmed?: readonly string[]
  /** How many got in, when everybody who joined must have. */
  readonly admitted?: number
}

/** How many culprits are named of each fault. */
const NAMED_MAX = 3

/** Everything that is wrong with a sale that is over, in sentences; nothing when it is exactly right. Pure. */
export function judgeSale(facts: SaleFacts, expectation: SaleExpectation): string[] {
  return [
    ...judgeStock(facts.stock, expectation),
    ...judgeLine(facts, expectation),
    ...(facts.charges === undefined ? [] : judgeCharges(facts.stock, facts.charges, expectation)),
  ]
}

function judgeStock({ agree, skus }: StockAudit, { sold, confirmed }: SaleExpectation): string[] {
  const faults: string[] = []
  if (!agree) {
    const differing = skus.filter((each) => !each.agree)
    faults.push(`Redis and Postgres differ about ${named(differing.map((each) => each.sku))}`)
  }
  for (const { sku, total, postgres } of skus) {
    const { available, held, sold: gone } = postgres
    if (gone + held > total) faults.push(`${sku} is oversold: ${gone} sold and ${held} held of ${total}`)
    if (available + held + gone !== total)
      faults.push(`${sku} does not add up: ${available} + ${held} + ${gone} is not ${total}`)
    if (held > 0) faults.push(`${held} of ${sku} are still held`)
  }
  const wanted = sold === 'all' ? skus.reduce((sum, { total }) => sum + total, 0) : sold
  const soldUnits = unitsSold({ skus })
  if (wanted !== undefined && soldUnits !== wanted) faults.push(`${soldUnits} units are sold, ${wanted} must be`)
  if (confirmed !== undefined && confirmed.length > soldUnits)
    faults.push(`${confirmed.length} orders were confirmed to their buyers, only ${soldUnits} units are sold`)
  const twice = repeated(confirmed ?? [])
  if (twice.length > 0) faults.push(`one order was confirmed to two buyers: ${named(twice)}`)
  return faults
}

function judgeLine({ log, counts }: SaleFacts, { admitted: expected }: SaleExpectation): string[] {
  const faults: string[] = []
  const admitted = log.filter(({ kind }) => kind === 'admitted')
  // A place belongs to one buyer and is never drawn again: a second admission of one is a second admission of the buyer.
  const places = repeated(admitted.map(({ place }) => String(place)))
  if (places.length > 0) faults.push(`places were let in twice: ${named(places)}`)
  const slots = repeated(admitted.map(({ slot }) => String(slot)))
  if (slots.length > 0) faults.push(`slots were given twice: ${named(slots)}`)
  const returned = repeated(log.filter(({ kind }) => kind === 'returned').map(({ slot }) => String(slot)))
  if (returned.length > 0) faults.push(`slots came back twice: ${named(returned)}`)
  if (admitted.length !== counts.admitted)
    faults.push(`the log has ${admitted.length} admissions, the sale counts ${counts.admitted}`)
  if (counts.admitted > counts.joined) faults.push(`${counts.admitted} were let in, only ${counts.joined} had joined`)
  if (expected !== undefined && admitted.length !== expected)
    faults.push(`${admitted.length} were let in, ${expected} must be`)
  return faults
}

function judgeCharges(
  stock: StockAudit,
  charges: readonly SimulatedCharge[],
  { confirmed }: SaleExpectation,
): string[] {
  const faults: string[] = []
  const approved = charges.filter(({ status }) => status === 'approved')
  const twice = repeated(approved.map(({ orderId }) => orderId))
  if (twice.length > 0) faults.push(`orders were charged twice: ${named(twice)}`)
  const kept = approved.filter(({ amountMinor, refundedMinor }) => refundedMinor < amountMinor)
  const partly = kept.filter(({ refundedMinor }) => refundedMinor > 0)
  if (partly.length > 0) faults.push(`charges were refunded in part: ${named(partly.map(({ orderId }) => orderId))}`)
  const paid = new Set(kept.map(({ orderId }) => orderId))
  const unpaid = (confirmed ?? []).filter((order) => !paid.has(order))
  if (unpaid.length > 0) faults.push(`confirmed orders have no charge: ${named(unpaid)}`)
  // Every order of a bench is of one unit.
  const units = unitsSold(stock)
  if (paid.size !== units) faults.push(`${paid.size} orders are paid for, ${units} units are sold`)
  return faults
}

/** Units sold of all items together, as Postgres has it. Pure. */
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
