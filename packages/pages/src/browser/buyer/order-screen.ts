import type { PublicCatalogue } from '@floodgate/contracts'
import type { KnownOrder, Model } from './model.ts'
import { admissionSecondsLeft, secondsUntil } from './time-left.ts'

/** An order with its items' names; their SKUs while the names are unknown. */
export type NamedOrder = Omit<KnownOrder, 'items'> & {
  readonly items: readonly (KnownOrder['items'][number] & { readonly name: string })[]
}

/** Whether the line can be joined again, as far as the page knows: the same for all screens that mention it. */
export type Again = 'yes' | 'no' | 'unknown'

/** An order, from its reservation to its end. */
export type OrderScreen =
  | { readonly kind: 'paying'; readonly order: NamedOrder | undefined; readonly secondsLeft: number | null }
  /** The buyer has to agree at `url`. `back`: the buyer came from there, and may have agreed already. */
  | {
      readonly kind: 'at-bank'
      readonly order: NamedOrder
      readonly secondsLeft: number
      readonly url: string
      readonly back: boolean
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
      readonly kind: 'confirmed' | 'hold-lapsed' | 'cancelled' | 'cancelled-by-shop' | 'refund-pending' | 'refunded'
      readonly order: NamedOrder
      readonly again: Again
    }

/** Tells whether the buyer waits for a payment that takes longer than usual. */
export function isPaymentDelayed({ order }: Extract<OrderScreen, { kind: 'paying' }>): boolean {
  return order !== undefined && 'paymentDelayed' in order && order.paymentDelayed === true
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
  switch (known.status) {
    case 'pending': {
      const secondsLeft = secondsUntil(known.holdExpiresAt, nowMs)
      const url = 'payment' in known ? known.payment?.redirectUrl : undefined
      if (url === undefined) return { kind: 'paying', order, secondsLeft }
      return { kind: 'at-bank', order, secondsLeft, url, back: model.cameBack?.order === known.id }
    }
    case 'confirmed':
      return { kind: 'confirmed', ...ended }
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
