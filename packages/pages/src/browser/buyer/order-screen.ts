import type { OrderResource, PublicCatalogue } from '@floodgate/contracts'
import { type CancelOffer, cancelOfferOf } from './cancelling.ts'
import type { KnownOrder, Model } from './model.ts'
import { admissionSecondsLeft, secondsUntil } from './time-left.ts'

/** An order with its items' names; their SKUs while the names are unknown. */
export interface NamedOrder extends Omit<OrderResource, 'items' | 'version'> {
  readonly items: readonly (KnownOrder['items'][number] & { readonly name: string })[]
}

/** Whether the line can be joined again, as far as the page knows: the same for all screens that mention it. */
export type Again = 'yes' | 'no' | 'unknown'

/** An order, from its reservation to its end. */
export type OrderScreen =
  | {
      readonly kind: 'paying'
      readonly order: NamedOrder | undefined
      readonly secondsLeft: number | null
      readonly cancel: CancelOffer
    }
  /** The buyer has to agree at `url`. `back`: the buyer came from there, and may have agreed already. */
  | {
      readonly kind: 'at-bank'
      readonly order: NamedOrder
      readonly secondsLeft: number
      readonly url: string
      readonly back: boolean
      readonly cancel: CancelOffer
    }
  | {
      readonly kind: 'declined' | 'abandoned'
      readonly order: NamedOrder
      /** Time left of the turn; null where the page knows no turn. */
      readonly secondsLeft: number | null
      /** Why nothing is left of the turn. `other`: given back, or unknown. */
      readonly endedBy: 'time' | 'tries' | 'other'
      readonly again: Again
    }
  | {
      readonly kind: 'confirmed' | 'refunded-in-part'
      readonly order: NamedOrder
      readonly again: Again
      readonly cancel: CancelOffer
    }
  | {
      readonly kind: 'hold-lapsed' | 'cancelled' | 'cancelled-by-shop' | 'refund-pending' | 'refunded'
      readonly order: NamedOrder
      readonly again: Again
    }

/** Tells whether the buyer waits for a payment that takes longer than usual. */
export function isPaymentDelayed({ order }: Extract<OrderScreen, { kind: 'paying' }>): boolean {
  return order?.paymentDelayed === true
}

/** Returns what a voucher took off. News by the socket do not name it: the prices do. */
export function discountMinorOf({ items, totalMinor }: Pick<NamedOrder, 'items' | 'totalMinor'>): number {
  return items.reduce((sum, { quantity, priceMinor }) => sum + quantity * priceMinor, -totalMinor)
}

export function hasVoucher(order: NamedOrder): boolean {
  return order.voucher !== undefined || discountMinorOf(order) > 0
}

/** Returns null when the page knows no turn. */
const turnSecondsLeft = (model: Model, nowMs: number): number | null =>
  model.page === 'order' ? null : admissionSecondsLeft(model, nowMs)

const endedBy = ({ line }: Model) => (line.kind === 'admitted' || line.kind === 'expired' ? 'time' : 'other')

const withNames = (order: KnownOrder, catalogue: PublicCatalogue | undefined): NamedOrder => ({
  ...order,
  items: order.items.map((item) => ({
    ...item,
    name: catalogue?.items.find(({ sku }) => sku === item.sku)?.name ?? item.sku,
  })),
})

export function againOf({ saleState }: Model): Again {
  // A scheduled sale can be joined, but not yet: the page says so after the click.
  if (saleState === undefined || saleState === 'scheduled') return 'unknown'
  return saleState === 'closed' ? 'no' : 'yes'
}

export function orderScreen(model: Model, known: KnownOrder, nowMs: number): OrderScreen {
  const order = withNames(known, model.catalogue)
  const ended = { order, again: againOf(model) }
  const cancel = cancelOfferOf(model, known, nowMs)
  switch (known.status) {
    case 'pending': {
      const secondsLeft = secondsUntil(known.holdExpiresAt, nowMs)
      const url = 'payment' in known ? known.payment?.redirectUrl : undefined
      if (url === undefined) return { kind: 'paying', order, secondsLeft, cancel }
      return { kind: 'at-bank', order, secondsLeft, url, back: model.cameBack?.order === known.id, cancel }
    }
    case 'confirmed':
      return { kind: known.refundsMinor === undefined ? 'confirmed' : 'refunded-in-part', ...ended, cancel }
    case 'refund_pending':
      return { kind: 'refund-pending', ...ended }
    case 'refunded':
      return { kind: 'refunded', ...ended }
    case 'cancelled':
      switch (known.cancelReason) {
        case 'declined':
        case 'abandoned':
          return {
            ...{ kind: known.cancelReason, ...ended },
            ...{ secondsLeft: turnSecondsLeft(model, nowMs), endedBy: endedBy(model) },
          }
        case 'declined-final':
          return { kind: 'declined', secondsLeft: model.page === 'order' ? null : 0, endedBy: 'tries', ...ended }
        case 'expired':
          return { kind: 'hold-lapsed', ...ended }
        case 'by-operator':
          return { kind: 'cancelled-by-shop', ...ended }
        default:
          return { kind: 'cancelled', ...ended }
      }
  }
}
