import type { Admission } from '@floodgate/admission'
import type { OrderRequest } from '@floodgate/contracts'
import type { ReachFailPoint } from '@floodgate/runtime'
import { freesSlot } from '../order/frees-slot.ts'
import { type Order, type OrderDraft, totalMinorOf } from '../order/order.ts'
import { orderIdOf } from '../order/order-id.ts'
import type { Hold, HoldNotTaken, TakeHold } from '../stock/hold.ts'
import { isRetired } from '../stock/is-retired.ts'
import { syncHold } from '../stock/sync-hold.ts'
import type { FindVoucher } from '../vouchers/find-vouchers.ts'
import type { IsClaimed } from '../vouchers/take-claims.ts'
import { type CommitHoldDeps, commitHold } from './commit-hold.ts'
import { type CheckoutOutcome, replayOf, type Spent, type VoucherRejection } from './outcome.ts'
import { requestHashOf, sortedBySku } from './request-hash.ts'
import { readRequestedVoucher } from './requested-voucher.ts'
import type { SaleWindowCache } from './sale-window-cache.ts'
import type { Seal } from './seal.ts'

interface CheckoutRequest {
  readonly admission: Admission
  readonly key: string
  readonly body: OrderRequest
  readonly traceparent: string
  /**
   * The buyer's language (BCP 47), for mails; a repetition in another language is the same order. Undefined: unknown.
   */
  readonly language?: string | undefined
}

export interface CheckoutDeps extends CommitHoldDeps {
  readOrder(id: string): Promise<Order | undefined>
  readonly sales: SaleWindowCache
  readonly takeHold: TakeHold
  readonly findVoucher: FindVoucher
  readonly isClaimed: IsClaimed
  readonly sealEmail: Seal
  /** Undefined: the payment method is published in clear text, for payment workers that cannot open it yet. */
  readonly sealPaymentMethod: Seal | undefined
  /** How long a hold waits for its commit before the resolver checks it. */
  readonly commitWithinMs: number
  now(): number
  readonly reachFailPoint: ReachFailPoint
  /** Confirms a free order, since no payment will. */
  confirmFreeSoon(order: string): void
  onAccepted(accepted: Acceptance): void
}

/** The log fields of an accepted order. */
export interface Acceptance extends Spent {
  readonly order: string
  readonly sale: string
  readonly slot: string
  readonly buyer: string
}

export type Checkout = (request: CheckoutRequest) => Promise<CheckoutOutcome>

/** In events a free order has a payment method that is never used: consumers expect one. */
const NO_METHOD = 'none'

type RejectReason = 'admission-expired' | 'sale-closed'

/**
 * Places an order: hold in Redis, then commit in Postgres. A known key gets its order before anything else is checked.
 * This function never releases a hold that is not known to have failed; the resolver of overdue holds does.
 */
export function createCheckout(deps: CheckoutDeps): Checkout {
  return async function checkout(request) {
    const { admission, key, body } = request
    const id = orderIdOf({ sale: admission.sale, buyer: admission.buyer, key })
    const requestHash = requestHashOf(body)
    const { rejectReason, retired } = await checkSaleWindow(deps, admission)
    const voucher = await readRequestedVoucher(deps.findVoucher, request)
    const rejection = rejectReason === undefined ? voucher?.rejection : { kind: rejectReason }
    // Its stock is no longer in Redis; asking there would rebuild it.
    if (retired)
      return await outcomeWithoutHold(deps, { kind: 'refused' }, { id, requestHash, rejection, sale: admission.sale })
    if (deps.ledger.isFull(admission.sale)) return { kind: 'busy' }

    const startedMs = performance.now()
    const draft: OrderDraft = {
      paymentMethod: body.paymentMethod ?? '',
      sealedEmail: deps.sealEmail(body.email),
      traceparent: request.traceparent,
      language: request.language ?? null,
      voucher: body.voucher ?? null,
    }
    const held = await deps.takeHold({
      sale: admission.sale,
      order: id,
      buyer: admission.buyer,
      slot: admission.slot,
      requestHash,
      mayStart: rejection === undefined,
      voucher: voucher?.held,
      commitWithinMs: deps.commitWithinMs,
      draft,
      currency: body.currency,
      lines: sortedBySku(body.items),
    })
    if (!('hold' in held))
      return await outcomeWithoutHold(deps, held, {
        ...{ id, requestHash, rejection, sale: admission.sale },
        minimumMinor: voucher?.held?.minimumMinor,
        isClaimed: () => deps.isClaimed({ ...pickClaimant(admission), campaign: body.voucher ?? '' }),
      })

    await deps.reachFailPoint('after-hold')
    const heldMs = performance.now()
    const { outcome, batchSize } = await commitHold(deps, {
      order: {
        ...draft,
        ...{ id, sale: admission.sale, buyer: admission.buyer, requestHash },
        ...pickCommitted(held.hold),
        discountMinor: voucher?.discountOf(held.hold.lines) ?? 0,
        paymentMethod: body.paymentMethod ?? NO_METHOD,
        sealedPaymentMethod: deps.sealPaymentMethod?.(body.paymentMethod ?? NO_METHOD),
      },
      adopted: held.kind === 'adopted',
      attempt: held.hold.attempt,
      catalogueVersion: held.hold.catalogueVersion,
    })
    if (outcome.kind === 'accepted') {
      if (totalMinorOf(outcome.order) === 0) deps.confirmFreeSoon(id)
      await deps.reachFailPoint('after-commit-before-answer')
      const { sale, slot, buyer } = admission
      const ms = { holdMs: tenths(heldMs - startedMs), commitMs: tenths(performance.now() - heldMs) }
      const spent = { ...ms, batchSize }
      deps.onAccepted({ order: id, sale, slot, buyer, ...spent })
      return { ...outcome, spent }
    }
    return outcome
  }
}

/** Logged to one decimal. */
const tenths = (ms: number): number => Math.round(ms * 10) / 10

/**
 * Tells whether a new order may start. A pass that has not ended and was not given back is enough, whatever the state
 * of the sale: its buyer was admitted before the end and may finish (ADR 0036). Only a sale that closed longer ago than
 * a pass can last is over.
 */
export async function checkSaleWindow(
  { sales, now }: Pick<CheckoutDeps, 'sales' | 'now'>,
  admission: Admission,
): Promise<{ rejectReason: RejectReason | undefined; retired: boolean }> {
  const closedAt = await sales.closedAt(admission.sale)
  const at = new Date(now())
  const retired = isRetired(closedAt, at)
  if (admission.expiresAt <= at) return { rejectReason: 'admission-expired', retired }
  // A pass from after the close: the sale was reopened, and the event of that is on its way.
  const isOver = retired && closedAt !== undefined && closedAt >= admission.issuedAt
  return { rejectReason: isOver ? 'sale-closed' : undefined, retired }
}

const outcomeWithoutHold = async (
  deps: CheckoutDeps,
  held: HoldNotTaken,
  asked: {
    readonly id: string
    readonly requestHash: string
    readonly sale: string
    /** Why no new order may start. */
    readonly rejection: VoucherRejection | { readonly kind: RejectReason } | undefined
    readonly minimumMinor?: number | undefined
    isClaimed?(): Promise<boolean>
  },
): Promise<CheckoutOutcome> => {
  if (held.unlessKnown === true) {
    const stored = await deps.readOrder(asked.id)
    if (stored !== undefined) return replayOf(stored, asked.requestHash)
  }
  switch (held.kind) {
    case 'known':
    // Redis forgets orders some time after their sale; Postgres knows them longer.
    case 'refused': {
      const stored = await deps.readOrder(asked.id)
      if (stored !== undefined) return replayOf(stored, asked.requestHash)
      // A primary of Postgres that was mute while another was promoted does not know the newest vouchers.
      if (asked.rejection?.kind === 'voucher-unknown' && (await asked.isClaimed?.())) return { kind: 'busy' }
      return asked.rejection ?? { kind: 'busy' }
    }
    case 'revoked':
      return { kind: 'admission-revoked' }
    case 'voucher-minimum':
      return { kind: 'voucher-minimum', minimumMinor: asked.minimumMinor ?? 0 }
    case 'order-exists': {
      const bound = await deps.readOrder(held.order)
      if (bound !== undefined && freesSlot(bound)) {
        // Postgres freed the slot already: Redis follows, and the next try passes.
        syncHold(deps.stockRedis, bound).catch((error: unknown) =>
          deps.log.warn({ order: bound.id, sale: bound.sale, error }, 'hold left to the reconciler'),
        )
        return { kind: 'busy' }
      }
      return bound?.cancelReason === 'declined-final' ? { kind: 'too-many-declined' } : held
    }
    case 'rebuild':
      deps.stockRedis.rebuildSoon(asked.sale)
      return { kind: 'busy', retryAfterSeconds: deps.stockRedis.retryAfterSeconds(asked.sale) }
    default:
      return held
  }
}

const pickClaimant = ({ sale, buyer, slot }: Admission) => ({ sale, buyer, slot })

const pickCommitted = ({ epoch, slot, currency, lines }: Hold) => ({ epoch, slot, currency, lines })
