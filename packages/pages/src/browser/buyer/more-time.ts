import type { Model } from './model.ts'

/** A screen within a turn, with the rest of its time. */
interface TurnScreen {
  readonly kind: string
  readonly secondsLeft?: number | null
}

/** Screens of a turn without an order. */
const BEFORE_AN_ORDER = ['your-turn', 'to-shop', 'sold-out', 'held-by-others', 'core-down', 'declined', 'abandoned']

/** The message about the end of a turn, above its screen. */
export type TimeNotice =
  | { readonly kind: 'warning'; readonly secondsLeft: number; readonly canAsk: boolean }
  | { readonly kind: 'asking'; readonly secondsLeft: number }
  | { readonly kind: 'given'; readonly seconds: number; readonly remaining: number }
  | { readonly kind: 'rejected'; readonly secondsLeft: number; readonly hasOrder: boolean }

const WARN_SECONDS = 60
/** Minimum time for a buyer to respond (WCAG 2.2.1). */
const WARN_SECONDS_MIN = 20

/** Returns how long before its end a turn of this length gets the warning. */
export function warnSeconds(turnSeconds: number | undefined): number {
  return Math.min(WARN_SECONDS, Math.max(WARN_SECONDS_MIN, Math.floor((turnSeconds ?? Number.POSITIVE_INFINITY) / 3)))
}

/** Returns the message about the end of the turn; undefined for none. */
export function timeNoticeOf({ line, moreTime, sale }: Model, screen: TurnScreen): TimeNotice | undefined {
  const secondsLeft = BEFORE_AN_ORDER.includes(screen.kind) ? (screen.secondsLeft ?? 0) : 0
  if (line.kind !== 'admitted' || secondsLeft === 0) return undefined
  if (moreTime.kind === 'asked') return { kind: 'asking', secondsLeft }
  const { seconds = 0, remaining = 0 } = line.extensions ?? {}
  if (secondsLeft > warnSeconds(sale.turnSeconds))
    return moreTime.kind === 'given' ? { kind: 'given', seconds, remaining } : undefined
  if (moreTime.kind === 'rejected')
    return { kind: 'rejected', secondsLeft, hasOrder: moreTime.code === 'turn-has-order' }
  return { kind: 'warning', secondsLeft, canAsk: remaining > 0 }
}
