import { z } from 'zod'
import type { ListOutcome, ProviderCharge } from '../payment-gateway.ts'
import type { TossClient } from './toss-client.ts'
import { foundPayment, orderOfToss, unusable } from './toss-payment.ts'

const PAGE_SIZE = 5_000
const PAGES_MAX = 1_000
const LOOK_UPS_AT_ONCE = 8
const DAY_MS = 24 * 3_600_000
/** The provider counts times without an offset as Korea's. */
const KOREA_AHEAD_MS = 9 * 3_600_000

const transactions = z.array(
  z.object({
    transactionKey: z.string(),
    paymentKey: z.string(),
    orderId: z.string(),
    status: z.string(),
    amount: z.number(),
    currency: z.string(),
    transactionAt: z.iso.datetime({ offset: true }),
  }),
)
type Transaction = z.infer<typeof transactions>[number]

/** Ends a listing: no list is returned in part. */
class Unlisted extends Error {
  readonly outcome: Exclude<ListOutcome, { kind: 'listed' }>
  constructor(outcome: Exclude<ListOutcome, { kind: 'listed' }>) {
    super(outcome.detail)
    this.outcome = outcome
  }
}

/**
 * Lists the approved payments of orders in the last `days`. Approvals and cancellations are transactions of their own.
 * The documentation does not define the amount of a cancellation, so each cancelled payment is read for its balance.
 */
export async function listTossCharges(
  client: TossClient,
  { days, nowMs, signal }: { readonly days: number; readonly nowMs: number; readonly signal: AbortSignal },
): Promise<ListOutcome> {
  try {
    const all = await readTransactions(client, { startMs: nowMs - days * DAY_MS, endMs: nowMs + DAY_MS, signal })
    const cancelled = [...new Set(all.filter(({ status }) => status !== 'DONE').map(({ paymentKey }) => paymentKey))]
    const refunds = await readRefunds(client, cancelled, signal)
    return { kind: 'listed', charges: all.flatMap((transaction) => chargeOf(transaction, refunds)) }
  } catch (error) {
    if (error instanceof Unlisted) return error.outcome
    throw error
  }
}

async function readTransactions(
  client: TossClient,
  { startMs, endMs, signal }: { startMs: number; endMs: number; signal: AbortSignal },
): Promise<readonly Transaction[]> {
  const all: Transaction[] = []
  const query = new URLSearchParams({ startDate: dateOf(startMs), endDate: dateOf(endMs), limit: String(PAGE_SIZE) })
  for (let pages = 0; pages < PAGES_MAX; pages += 1) {
    const response = await client.get(`/v1/transactions?${query}`, signal)
    const page = response.kind === 'ok' ? transactions.safeParse(response.body) : undefined
    if (!page?.success) throw new Unlisted({ ...unusable(response, false), unknown: false })
    all.push(...page.data)
    const last = page.data.at(-1)
    if (last === undefined || page.data.length < PAGE_SIZE) return all
    query.set('startingAfter', last.transactionKey)
  }
  throw new Unlisted({ kind: 'unavailable', unknown: false, detail: `more than ${PAGES_MAX} pages of transactions` })
}

/** Reads how much of each payment was given back. */
async function readRefunds(
  client: TossClient,
  paymentKeys: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const refunds = new Map<string, number>()
  for (let start = 0; start < paymentKeys.length; start += LOOK_UPS_AT_ONCE)
    await Promise.all(
      paymentKeys.slice(start, start + LOOK_UPS_AT_ONCE).map(async (paymentKey) => {
        const found = foundPayment(await client.get(`/v1/payments/${encodeURIComponent(paymentKey)}`, signal))
        if (found.kind === 'unavailable') throw new Unlisted({ ...found, unknown: false })
        if (found.kind === 'found') refunds.set(paymentKey, found.payment.totalAmount - found.payment.balanceAmount)
      }),
    )
  return refunds
}

function chargeOf(transaction: Transaction, refunds: ReadonlyMap<string, number>): readonly ProviderCharge[] {
  const { paymentKey: chargeId, status, amount: amountMinor, currency, transactionAt } = transaction
  const orderId = orderOfToss(transaction.orderId)
  if (status !== 'DONE' || orderId === undefined) return []
  const refundedMinor = refunds.get(chargeId) ?? 0
  return [{ chargeId, orderId, amountMinor, currency, refundedMinor, chargedAtMs: Date.parse(transactionAt) }]
}

function dateOf(ms: number): string {
  return new Date(ms + KOREA_AHEAD_MS).toISOString().slice(0, 19)
}
