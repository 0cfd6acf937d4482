import type { PublicCatalogue, PublicSaleState, Supply } from '@floodgate/contracts'
import { isPassing, type Problem } from '../shared/problem.ts'
import { type Change, changesBetween } from './catalogue-changes.ts'
import type { Draft, Model, ReminderState } from './model.ts'
import { type TimeNotice, timeNoticeOf } from './more-time.ts'
import { type Again, againOf, type OrderScreen, orderScreen } from './order-screen.ts'
import { admissionSecondsLeft, secondsUntil } from './time-left.ts'
import { goesToShop, type ToShopScreen, toShopScreen } from './to-shop.ts'
import type { VoucherClaim, VoucherOffer } from './voucher.ts'

export type { Again, NamedOrder } from './order-screen.ts'

/** The current screen. */
export type Screen =
  | { readonly kind: 'looking' | 'joining' }
  /** The buyer decides whether to join. */
  | { readonly kind: 'may-join'; readonly again: Again }
  | { readonly kind: 'join-rejected'; readonly problem: Problem; readonly retries: boolean }
  | {
      readonly kind: 'not-open'
      readonly opensInSeconds: number | null
      readonly opensAt: string | null
      /** Absent where no reminder can be asked for: the sale is the shop's own. */
      readonly reminder?: ReminderState | undefined
    }
  | {
      readonly kind: 'waiting' | 'paused' | 'recovering'
      readonly position: number | null
      readonly etaSeconds: number | null
      /** Returning buyers have moved ahead since a better position was shown. */
      readonly overtaken: boolean
      /** 0 to 1. */
      readonly progress: number
      readonly welcomeBack: boolean
      /** What the sale has left; absent: not known. */
      readonly supply?: Supply | undefined
      /** How long a missed turn can still be taken; null when the page does not know. */
      readonly returnSeconds: number | null
    }
  | {
      readonly kind: 'your-turn'
      readonly catalogue: PublicCatalogue | undefined
      readonly secondsLeft: number
      readonly draft: Draft | undefined
      readonly problem: Problem | undefined
      /** An order that this buyer already has. */
      readonly earlier?: { readonly sale: string; readonly id: string } | undefined
      readonly vouchers?: readonly VoucherOffer[] | undefined
      readonly claim?: VoucherClaim | undefined
      /** Changes since the form appeared, or since the last order. */
      readonly changes: readonly Change[]
      /** Nobody new is admitted. */
      readonly saleClosed: boolean
    }
  | { readonly kind: 'placing' }
  | { readonly kind: 'core-down'; readonly placing: boolean; readonly secondsLeft: number | null }
  /** Nothing to choose from: the order core has no catalogue. */
  | { readonly kind: 'no-goods'; readonly secondsLeft: number }
  | {
      /** All items are sold out, as far as the catalogue tells by now. */
      readonly kind: 'sold-out'
      readonly secondsLeft: number
    }
  | {
      readonly kind: 'held-by-others'
      readonly secondsLeft: number | null
      /** Other items are available. */
      readonly others: boolean
    }
  | OrderScreen
  | ToShopScreen
  | { readonly kind: 'admission-expired' | 'left'; readonly again: Again }
  | { readonly kind: 'finished'; readonly again: Again; readonly atShop: boolean }
  | { readonly kind: 'turn-over'; readonly why: 'tries-used' | 'given-back'; readonly again: Again }
  | { readonly kind: 'closed' }
  /** An order's own page that may not show it. */
  | { readonly kind: 'order-rejected'; readonly why: OrderProblem }

/** Why an order is not shown: the mail's link expired or is damaged, the order is deleted, or its owner is unknown. */
export type OrderProblem = 'link-expired' | 'link-invalid' | 'gone' | 'nobody'

export interface View {
  readonly screen: Screen
  /** The server has been unreachable for a moment: shown above any screen. */
  readonly lost: boolean
  /** Shown above the screen: what became of a link that ends reminders. */
  readonly reminder?: ReminderState | undefined
  /** Shown above the screen, where a turn is about to end or was extended. */
  readonly time?: TimeNotice | undefined
}

/** The screen of a waiting buyer by state of the sale. After a close, the next poll replaces it. */
const WAITING_SCREENS: Readonly<Record<PublicSaleState, 'waiting' | 'paused' | 'recovering'>> = {
  ...{ scheduled: 'waiting', open: 'waiting', closed: 'waiting' },
  ...{ paused: 'paused', recovering: 'recovering' },
}

/** Shorter losses are not reported. */
const LOST_AFTER_MS = 1_500
const NO_GOODS_AFTER_MS = 3_000
const TILL_LOST_AFTER_MS = 1_500
const WELCOME_FOR_MS = 20_000

const lineScreen = (model: Model, nowMs: number): Screen => {
  const { line } = model
  switch (line.kind) {
    case 'looking':
      return { kind: 'looking' }
    case 'arriving':
      return { kind: 'joining' }
    case 'unknown':
      return { kind: 'may-join', again: againOf(model) }
    case 'join-rejected':
      return { kind: 'join-rejected', problem: line.problem, retries: isPassing(line.problem) }
    case 'not-open':
      return {
        kind: 'not-open',
        opensAt: model.opensAt,
        opensInSeconds: model.opensAt === null ? null : secondsUntil(model.opensAt, nowMs),
        reminder: model.shop.way === 'none' ? model.reminder : undefined,
      }
    case 'waiting':
      return {
        // A page that was loaded before a deployment may get a state that it does not know.
        kind: WAITING_SCREENS[model.saleState ?? 'open'] ?? 'waiting',
        position: line.position,
        etaSeconds: model.saleState === 'open' ? line.etaSeconds : null,
        overtaken: line.position !== null && line.position > (line.best ?? line.position),
        progress: progressOf(model.firstPosition, line.position),
        returnSeconds: model.sale.returnSeconds ?? null,
        supply: line.supply,
        welcomeBack: model.wokeAt !== undefined && nowMs - model.wokeAt < WELCOME_FOR_MS,
      }
    case 'admitted':
      return admittedScreen(model, nowMs)
    case 'expired':
      return { kind: 'admission-expired', again: againOf(model) }
    case 'left':
      return { kind: 'left', again: againOf(model) }
    case 'finished':
      return { kind: 'finished', again: againOf(model), atShop: model.shop.way === 'wanted' }
    case 'turn-over':
      return { kind: 'turn-over', why: line.why, again: againOf(model) }
    case 'closed':
      return { kind: 'closed' }
  }
}

const admittedScreen = (model: Model, nowMs: number): Screen => {
  const { checkout, catalogue } = model
  const secondsLeft = admissionSecondsLeft(model, nowMs)
  if (secondsLeft === 0) return { kind: 'admission-expired', again: againOf(model) }
  if (goesToShop(model)) return toShopScreen(model, nowMs)
  if (catalogue?.items.every((item) => item.soldOut)) return { kind: 'sold-out', secondsLeft }
  if (catalogue === undefined && lacksGoods(model, nowMs)) return { kind: 'no-goods', secondsLeft }
  if (catalogue === undefined && isTillLost(model, nowMs)) return { kind: 'core-down', placing: false, secondsLeft }
  return {
    kind: 'your-turn',
    catalogue,
    secondsLeft,
    draft: checkout.draft,
    problem: checkout.kind === 'choosing' ? checkout.problem : undefined,
    earlier: model.earlier === undefined ? undefined : { sale: model.sale.id, id: model.earlier },
    vouchers: model.vouchers,
    claim: model.claim,
    changes: catalogue === undefined ? [] : changesBetween(model.seen, catalogue),
    saleClosed: isClosed(model),
  }
}

const isClosed = ({ saleState }: Model) => saleState === 'closed'

const isTillLost = ({ tillLostSince }: Model, nowMs: number) =>
  tillLostSince !== undefined && nowMs - tillLostSince >= TILL_LOST_AFTER_MS

const lacksGoods = ({ noGoodsSince, tillLostSince }: Model, nowMs: number) =>
  noGoodsSince !== undefined && tillLostSince === undefined && nowMs - noGoodsSince >= NO_GOODS_AFTER_MS

const checkoutScreen = (model: Model, nowMs: number): Screen | undefined => {
  const { checkout } = model
  const secondsLeft = admissionSecondsLeft(model, nowMs) || null
  const others = (model.catalogue?.items.length ?? 2) > 1
  if (checkout.kind === 'placed')
    return { kind: 'paying', order: undefined, secondsLeft: null, cancel: { kind: 'none' } }
  if (checkout.kind !== 'placing') return undefined
  if (checkout.trouble === 'held-by-others') return { kind: 'held-by-others', secondsLeft, others }
  if (checkout.trouble === 'unavailable' || isTillLost(model, nowMs))
    return { kind: 'core-down', placing: true, secondsLeft }
  return { kind: 'placing' }
}

/** Returns the buyer's progress, from the first position shown to the front. */
const progressOf = (first: number | null, position: number | null): number => {
  if (first === null || position === null) return 0
  if (first <= 1) return position <= 1 ? 1 : 0
  return Math.min(1, Math.max(0, (first - position) / (first - 1)))
}

/** Derives the view from the model and the time. An order takes precedence: the buyer came for it. */
export function viewOf(model: Model, nowMs: number): View {
  const screen: Screen =
    (model.order && orderScreen(model, model.order, nowMs)) ??
    checkoutScreen(model, nowMs) ??
    (model.search === 'wanted' && !goesToShop(model) ? { kind: 'looking' } : lineScreen(model, nowMs))
  return {
    screen,
    reminder: ['stopped', 'not-stopped'].includes(model.reminder.kind) ? model.reminder : undefined,
    lost: model.lostSince !== undefined && nowMs - model.lostSince >= LOST_AFTER_MS,
    time: timeNoticeOf(model, screen),
  }
}
