import { acceptedOf, failuresOf, type OrderReport } from '../order-load/job.ts'
import { faults } from '../report/faults.ts'
import type { OrderRound } from './order-rounds.ts'

type Statuses = Pick<OrderReport, 'statuses'>

/**
 * Lists the faults of a round, as sentences: a failed response, an order too many or too few, or one that is not
 * written. Pure.
 */
export function roundFaults(
  round: OrderRound,
  {
    orders,
    reads,
    written,
  }: { readonly orders: Statuses; readonly reads?: Statuses | undefined; readonly written: number },
): string[] {
  const accepted = acceptedOf(orders)
  const sent = sumOf(orders)
  const soldOut = orders.statuses['409'] ?? 0
  const possible = possibleOrders(round, sent)
  const unread = reads === undefined ? 0 : sumOf(reads) - (reads.statuses['200'] ?? 0)
  return faults([
    [round.orders !== undefined && sent !== round.orders, `${sent} of ${round.orders} orders were sent`],
    [failuresOf(orders) > 0, `${failuresOf(orders)} orders failed or got no response`],
    [accepted + soldOut !== sent, `responses other than accepted and sold out: ${JSON.stringify(orders.statuses)}`],
    [accepted !== possible, `${accepted} of ${sent} orders were accepted, ${possible} must be`],
    [written !== accepted, `${accepted} orders were accepted, ${written} are written`],
    [unread > 0, `${unread} reads failed`],
  ])
}

/** Returns how many of these orders, each for one unit of the products in turn, the stock suffices for. Pure. */
export function possibleOrders({ products, stockOfEach }: OrderRound, orders: number): number {
  const ofEach = Math.floor(orders / products)
  const oneMore = orders % products
  return oneMore * Math.min(ofEach + 1, stockOfEach) + (products - oneMore) * Math.min(ofEach, stockOfEach)
}

const sumOf = ({ statuses }: Statuses): number => Object.values(statuses).reduce((sum, count) => sum + count, 0)
