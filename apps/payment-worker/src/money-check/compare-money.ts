import type { MoneyCheck, MoneyProblem, OrderPage } from '@floodgate/contracts'
import type { ProviderCharge } from '../gateway/payment-gateway.ts'

type MoneyOrder = OrderPage['orders'][number]

/** A confirmation or a refund that takes longer is a difference: by then the sweeps have announced it again. */
const UNDER_WAY_MS_MAX = 15 * 60_000

interface Times {
  readonly nowMs: number
  /** Orders of sales that closed before this may have been deleted: an earlier charge needs no order. */
  readonly keptSinceMs: number
}

/**
 * Compares the provider's approved charges with the orders: each charge must have exactly one confirmed order or its
 * refund, and each confirmed order its charge, unless it is free. Recent charges may be in progress. Pure.
 */
export function compareMoney(
  orders: ReadonlyMap<string, MoneyOrder>,
  charges: readonly ProviderCharge[],
  { nowMs, keptSinceMs }: Times,
): MoneyCheck {
  const byOrder = Map.groupBy(charges, ({ orderId }) => orderId)
  const judged = [...byOrder].map(([order, approved]) =>
    compareOrder(order, { order: orders.get(order), approved, nowMs, keptSinceMs }),
  )
  const uncharged = [...orders.values()].flatMap(({ id, status, totalMinor }) =>
    status === 'confirmed' && totalMinor > 0 && !byOrder.has(id)
      ? [found(id, status, 'confirmed-without-charge', [])]
      : [],
  )
  const findings = [...judged.flatMap((each) => (typeof each === 'object' ? [each] : [])), ...uncharged]
  const underWay = judged.filter((each) => each === 'under-way').length
  return { ok: findings.length === 0, charges: charges.length, orders: orders.size, underWay, findings }
}

type Finding = MoneyCheck['findings'][number]

function compareOrder(
  id: string,
  {
    order,
    approved,
    nowMs,
    keptSinceMs,
  }: Times & { order: MoneyOrder | undefined; approved: readonly ProviderCharge[] },
): Finding | 'right' | 'under-way' {
  const kept = approved.filter(({ refundedMinor, amountMinor }) => refundedMinor < amountMinor)
  const problem = (kind: MoneyProblem) => found(id, order?.status ?? null, kind, kept)
  const isRecent = kept.every(({ chargedAtMs }) => nowMs - chargedAtMs < UNDER_WAY_MS_MAX)
  if (kept.length > 1) return problem('charged-more-than-once')
  const [charge] = kept
  if (order?.refunds !== undefined) return compareRefunds(order, order.refunds, { approved, problem, nowMs })
  if (order?.status === 'confirmed') {
    if (charge === undefined) return order.totalMinor > 0 ? problem('confirmed-without-charge') : 'right'
    if (charge.amountMinor !== order.totalMinor || charge.currency !== order.currency) return problem('amount-differs')
    if (charge.isAuthorized === true) return isRecent ? 'under-way' : problem('capture-missing')
    return charge.refundedMinor > 0 ? problem('refunded-in-part') : 'right'
  }
  if (charge === undefined) return 'right'
  switch (order?.status) {
    case undefined:
      return charge.chargedAtMs < keptSinceMs ? 'right' : problem('charge-without-order')
    case 'refunded':
    case 'refund_parked':
      return problem('refund-missing')
    case 'pending':
      return isRecent ? 'under-way' : problem('payment-not-followed')
    default:
      return isRecent ? 'under-way' : problem('refund-missing')
  }
}

interface Comparing {
  readonly approved: readonly ProviderCharge[]
  readonly nowMs: number
  problem(kind: MoneyProblem): Finding
}

/** Compares a paid order that has refunds: what is made was given back, and no more than what was requested. */
function compareRefunds(
  { totalMinor, currency }: MoneyOrder,
  { requestedMinor, refundedMinor, openSince }: NonNullable<MoneyOrder['refunds']>,
  { approved, problem, nowMs }: Comparing,
): Finding | 'right' | 'under-way' {
  // Any other charge was given back whole.
  const [charge] = approved.toSorted((a, b) => a.refundedMinor - b.refundedMinor)
  if (charge === undefined) return totalMinor > 0 ? problem('confirmed-without-charge') : 'right'
  if (charge.amountMinor !== totalMinor || charge.currency !== currency) return problem('amount-differs')
  const isKept = charge.refundedMinor < charge.amountMinor
  if (charge.isAuthorized === true && isKept)
    return nowMs - charge.chargedAtMs < UNDER_WAY_MS_MAX ? 'under-way' : problem('capture-missing')
  if (charge.refundedMinor > requestedMinor) return problem('refunded-in-part')
  if (charge.refundedMinor < refundedMinor) return problem('refund-missing')
  if (openSince === undefined) return 'right'
  // The provider counts a refund at once, and may have it as pending for days.
  if (charge.refundedMinor === requestedMinor) return 'under-way'
  return nowMs - Date.parse(openSince) < UNDER_WAY_MS_MAX ? 'under-way' : problem('refund-missing')
}

const found = (
  order: string,
  status: string | null,
  problem: MoneyProblem,
  charges: readonly ProviderCharge[],
): Finding => ({ order, status, problem, charges: charges.map(({ chargeId }) => chargeId) })
