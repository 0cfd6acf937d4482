import { CAMPAIGN, type ExploredOrder, KEYS } from './shop.ts'
import type { Setting, State } from './state.ts'

/** Checks the invariants of vouchers in every state. */
export function voucherViolationOf(
  state: State,
  { campaign }: Setting,
  orders: readonly ExploredOrder[],
): string | undefined {
  const { redis, stock } = state
  const owners = Object.keys(stock.vouchers)
  if (owners.length !== stock.issued) return `${stock.issued} vouchers are counted, ${owners.length} exist`
  if (stock.issued > (campaign?.total ?? 0)) return `${stock.issued} vouchers are issued of ${campaign?.total}`
  const claims = Object.keys(redis[KEYS.claims] ?? {}).length
  const claimed = Number(redis[KEYS.claimed]?.[CAMPAIGN] ?? 0)
  if (claims !== claimed) return `Redis counts ${claimed} claims, and has ${claims}`
  for (const [buyer, voucher] of Object.entries(stock.vouchers)) {
    const [, index] = voucher.split(' ')
    if (index !== undefined && orders[Number(index)]?.buyer !== buyer)
      return `the voucher of ${buyer} is ${voucher}, and the order is not its buyer's`
  }
  for (const [index, order] of orders.entries()) {
    const row = state.orders[index]?.row
    if (row == null) continue
    const paid = row.reason === 'abandoned' ? order.priceMinor : order.totalMinor
    if (row.totalMinor !== paid || row.totalMinor + row.discountMinor !== order.priceMinor || row.totalMinor < 0)
      return `${order.name} costs ${row.totalMinor} after ${row.discountMinor}, and its price is ${order.priceMinor}`
    const has = ['reserved', 'used'].find((word) => stock.vouchers[order.buyer] === `${word} ${index}`)
    const wanted = order.body.voucher === undefined ? undefined : wantedOf(row)
    if (has !== wanted)
      return `${order.name} is ${row.status} (${row.reason}), and its voucher is ${has ?? 'not its own'}`
  }
  return undefined
}

/** Returns the state that the voucher of an order must have; undefined: it is not the order's. */
function wantedOf({ status, reason }: NonNullable<State['orders'][number]['row']>): 'reserved' | 'used' | undefined {
  if (status === 'pending') return 'reserved'
  return reason === null ? 'used' : undefined
}

/** Returns what is left of claims when no step of the system is. */
export function unfinishedClaims({ redis, stock }: State): string | undefined {
  if (KEYS.openClaims in redis) return 'a claim never ends'
  const invented = Object.keys(redis[KEYS.claims] ?? {}).filter(
    (claim) => !(claim.slice(CAMPAIGN.length + 1) in stock.vouchers),
  )
  return invented.length === 0 ? undefined : `Redis has the claim ${invented[0]}, and Postgres no voucher`
}
