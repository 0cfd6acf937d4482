import type { PublicCatalogue } from '@floodgate/contracts'
import { isPassing, type Problem } from '../shared/problem.ts'
import { type Change, changesBetween } from './catalogue-changes.ts'
import type { Draft, KnownOrder, Model } from './model.ts'
import { type TimeNotice, timeNoticeOf } from './more-time.ts'

/** An order with its items' names; their SKUs while the names are not known. */
export type NamedOrder = Omit<KnownOrder, 'items'> & {
  readonly items: readonly (KnownOrder['items'][number] & { readonly name: string })[]
}

/** What the page shows: one of these at a time. */
export type Screen =
  | { readonly kind: 'looking' | 'joining' }
  /** The buyer decides whether it joins. */
  | { readonly kind: 'may-join' }
  | { readonly kind: 'join-refused'; readonly problem: Problem; readonly retries: boolean }
  | { readonly kind: 'not-open'; readonly opensInSeconds: number | null; readonly opensAt: string | null }
  | {
      readonly kind: 'waiting' | 'paused' | 'recovering'
      readonly position: number | null
      readonly etaSeconds: number | null
      /** Buyers who were away have come back since a better position was shown, and go first. */
      readonly overtaken: boolean
      /** 0 to 1. */
      readonly progress: number
      readonly welcomeBack: boolean
      /** How long a missed turn can still be taken; null when the page does not know. */
      readonly returnSeconds: number | null
    }
  | {
      readonly kind: 'your-turn'
      readonly catalogue: PublicCatalogue | undefined
      readonly secondsLeft: number
      readonly draft: Draft | undefined
      readonly problem: Problem | undefined
      /** An order that this buyer has already. */
      readonly earlier?: { readonly sale: string; readonly id: string } | undefined
      /** Since the form appeared, or since the last order. */
      readonly changes: readonly Change[]
      /** Nobody else is let in any more. */
      readonly saleClosed: boolean
    }
  | { readonly kind: 'placing' }
  | { readonly kind: 'core-down'; readonly placing: boolean; readonly secondsLeft: number | null }
  | {
      /** All items are, as far as the catalogue says by now. */
      readonly kind: 'sold-out'
      readonly secondsLeft: number
    }
  | {
      readonly kind: 'held-by-others'
      readonly secondsLeft: number | null
      /** There are other items to choose from. */
      readonly others: boolean
    }
  | { readonly kind: 'paying'; readonly order: NamedOrder | undefined; readonly secondsLeft: number | null }
  | { readonly kind: 'confirmed'; readonly order: NamedOrder }
  | {
      readonly kind: 'declined' | 'abandoned'
      readonly order: NamedOrder
      /** Of the turn; null where the page knows nothing of turns. */
      readonly secondsLeft: number | null
    }
  | {
      readonly kind: 'hold-lapsed' | 'cancelled' | 'cancelled-by-shop' | 'refund-pending' | 'refunded'
      readonly order: NamedOrder
    }
  | { readonly kind: 'admission-expired' | 'left' | 'finished'; readonly saleClosed: boolean }
  | { readonly kind: 'closed' }
  /** An order's own page that may not show it. */
  | { readonly kind: 'order-refused'; readonly why: OrderRefusal }

/** Why an order is not shown: the mail's link ended or is damaged, the order is deleted, or nothing says whose it is. */
export type OrderRefusal = 'link-expired' | 'link-invalid' | 'gone' | 'nobody'

export interface View {
  readonly screen: Screen
  /** The server has not been reached for a moment: said above whatever is shown. */
  readonly lost: boolean
  /** Said above it, where a turn is about to end or was made longer. */
  readonly time?: TimeNotice | undefined
}

/** Shorter losses are not worth a word. */
const lostAfterMs = 1_500
const tillLostAfterMs = 1_500
const welcomeForMs = 20_000

const secondsUntil = (at: string, nowMs: number): number => Math.max(0, Math.ceil((Date.parse(at) - nowMs) / 1_000))

const admissionSecondsLeft = ({ line }: Model, nowMs: number): number =>
  line.kind === 'admitted' ? secondsUntil(line.expiresAt, nowMs) : 0

/** Null: the page knows nothing of turns. */
const turnSecondsLeft = (model: Model, nowMs: number): number | null =>
  model.page === 'order' ? null : admissionSecondsLeft(model, nowMs)

const withNames = (order: KnownOrder, catalogue: PublicCatalogue | undefined): NamedOrder => ({
  ...order,
  items: order.items.map((item) => ({
    ...item,
    name: catalogue?.items.find(({ sku }) => sku === item.sku)?.name ?? item.sku,
  })),
})

const orderScreen = (model: Model, known: KnownOrder, nowMs: number): Screen => {
  const order = withNames(known, model.catalogue)
  switch (known.status) {
    case 'pending':
      return { kind: 'paying', order, secondsLeft: secondsUntil(known.holdExpiresAt, nowMs) }
    case 'confirmed':
      return { kind: 'confirmed', order }
    case 'refund_pending':
      return { kind: 'refund-pending', order }
    case 'refunded':
      return { kind: 'refunded', order }
    case 'cancelled':
      if (known.cancelReason === 'declined')
        return { kind: 'declined', order, secondsLeft: turnSecondsLeft(model, nowMs) }
      if (known.cancelReason === 'abandoned')
        return { kind: 'abandoned', order, secondsLeft: turnSecondsLeft(model, nowMs) }
      if (known.cancelReason === 'declined-final') return { kind: 'declined', order, secondsLeft: 0 }
      if (known.cancelReason === 'expired') return { kind: 'hold-lapsed', order }
      return { kind: known.cancelReason === 'by-operator' ? 'cancelled-by-shop' : 'cancelled', order }
  }
}

const lineScreen = (model: Model, nowMs: number): Screen => {
  const { line } = model
  switch (line.kind) {
    case 'looking':
      return { kind: 'looking' }
    case 'arriving':
      return { kind: 'joining' }
    case 'unknown':
      return { kind: 'may-join' }
    case 'join-refused':
      return { kind: 'join-refused', problem: line.problem, retries: isPassing(line.problem) }
    case 'not-open':
      return {
        kind: 'not-open',
        opensAt: model.opensAt,
        opensInSeconds: model.opensAt === null ? null : secondsUntil(model.opensAt, nowMs),
      }
    case 'waiting':
      return {
        kind: model.saleState === 'paused' ? 'paused' : model.saleState === 'recovering' ? 'recovering' : 'waiting',
        position: line.position,
        etaSeconds: model.saleState === 'open' ? line.etaSeconds : null,
        overtaken: line.position !== null && line.position > (line.best ?? line.position),
        progress: progressOf(model.firstPosition, line.position),
        returnSeconds: model.sale.returnSeconds ?? null,
        welcomeBack: model.wokeAt !== undefined && nowMs - model.wokeAt < welcomeForMs,
      }
    case 'admitted':
      return admittedScreen(model, nowMs)
    case 'expired':
      return { kind: 'admission-expired', saleClosed: isClosed(model) }
    case 'left':
    case 'finished':
      return { kind: line.kind, saleClosed: isClosed(model) }
    case 'closed':
      return { kind: 'closed' }
  }
}

const admittedScreen = (model: Model, nowMs: number): Screen => {
  const { checkout, catalogue } = model
  const secondsLeft = admissionSecondsLeft(model, nowMs)
  if (secondsLeft === 0) return { kind: 'admission-expired', saleClosed: isClosed(model) }
  if (catalogue?.items.every((item) => item.soldOut)) return { kind: 'sold-out', secondsLeft }
  if (catalogue === undefined && isTillLost(model, nowMs)) return { kind: 'core-down', placing: false, secondsLeft }
  return {
    kind: 'your-turn',
    catalogue,
    secondsLeft,
    draft: checkout.draft,
    problem: checkout.kind === 'choosing' ? checkout.problem : undefined,
    earlier: model.earlier === undefined ? undefined : { sale: model.sale.id, id: model.earlier },
    changes: catalogue === undefined ? [] : changesBetween(model.seen, catalogue),
    saleClosed: isClosed(model),
  }
}

const isClosed = ({ saleState }: Model) => saleState === 'closed'

const isTillLost = ({ tillLostSince }: Model, nowMs: number) =>
  tillLostSince !== undefined && nowMs - tillLostSince >= tillLostAfterMs

const checkoutScreen = (model: Model, nowMs: number): Screen | undefined => {
  const { checkout } = model
  const secondsLeft = admissionSecondsLeft(model, nowMs) || null
  const others = (model.catalogue?.items.length ?? 2) > 1
  if (checkout.kind === 'placed') return { kind: 'paying', order: undefined, secondsLeft: null }
  if (checkout.kind !== 'placing') return undefined
  if (checkout.trouble === 'held-by-others') return { kind: 'held-by-others', secondsLeft, others }
  if (checkout.trouble === 'unavailable' || isTillLost(model, nowMs))
    return { kind: 'core-down', placing: true, secondsLeft }
  return { kind: 'placing' }
}

/** How far the buyer has come, from the first position shown to the front. */
const progressOf = (first: number | null, position: number | null): number => {
  if (first === null || position === null) return 0
  if (first <= 1) return position <= 1 ? 1 : 0
  return Math.min(1, Math.max(0, (first - position) / (first - 1)))
}

/** What is shown, from what is known and the time. An order comes first: it is what the buyer came for. */
export const viewOf = (model: Model, nowMs: number): View => {
  const screen: Screen =
    (model.order && orderScreen(model, model.order, nowMs)) ??
    checkoutScreen(model, nowMs) ??
    (model.search === 'wanted' ? { kind: 'looking' } : lineScreen(model, nowMs))
  return {
    screen,
    lost: model.lostSince !== undefined && nowMs - model.lostSince >= lostAfterMs,
    time: timeNoticeOf(model, screen),
  }
}
