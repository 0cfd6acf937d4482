import type { Model } from './model.ts'
import { isFresh } from './shop.ts'
import { admissionSecondsLeft } from './time-left.ts'

const SECOND = 1_000
const FAILING_AFTER_MS = 1_500

/** Tells whether the page sends its buyer to the shop: inside, and without an order here. */
export function goesToShop({ line, shop, order, checkout }: Model): boolean {
  return line.kind === 'admitted' && shop.way === 'wanted' && order === undefined && checkout.kind === 'choosing'
}

export interface ToShopScreen {
  readonly kind: 'to-shop'
  /** The host of the shop, and the address there; undefined until they are known. */
  readonly shop: string | undefined
  readonly url: string | undefined
  /** The shop still accepts the address. */
  readonly isFresh: boolean
  readonly isFramed: boolean
  readonly secondsLeft: number
  /** Null while the page does not go by itself. */
  readonly goesInSeconds: number | null
  readonly sentBack: boolean
  readonly failing: boolean
}

export function toShopScreen(model: Model, nowMs: number): ToShopScreen {
  const { shop } = model
  const { address, goesAt, byClick, failingSince } = shop
  return {
    kind: 'to-shop',
    shop: address && new URL(address.url).host,
    url: address?.url,
    isFresh: isFresh(shop, nowMs),
    isFramed: byClick === 'framed',
    secondsLeft: admissionSecondsLeft(model, nowMs),
    goesInSeconds: goesAt === undefined ? null : Math.max(0, Math.ceil((goesAt - nowMs) / SECOND)),
    sentBack: byClick === 'sent',
    failing: failingSince !== undefined && nowMs - failingSince >= FAILING_AFTER_MS,
  }
}
