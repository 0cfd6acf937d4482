/** The way of an admitted buyer back to the shop. */
export interface Shop {
  /** `none`: the sale has no shop, or none for this buyer, who orders here. */
  readonly way: 'none' | 'wanted'
  readonly address?: Address | undefined
  /** When the page goes there by itself; undefined while it does not. */
  readonly goesAt?: number | undefined
  /**
   * Why the page does not go by itself: browsers let a frame leave only by a press; the buyer wants to stay; or it was
   * sent a moment ago and is back, by choice or because the shop rejects it.
   */
  readonly byClick?: 'framed' | 'stays' | 'sent' | undefined
  readonly sentAt?: number | undefined
  readonly failingSince?: number | undefined
}

/** The address at the shop, with a handover that the shop accepts for a minute. */
interface Address {
  readonly url: string
  readonly expiresAt: string
}

const SECOND = 1_000
/** The buyer has time to read the destination, and to stop it. */
const COUNTDOWN_MS = 5 * SECOND
/** A buyer who is back so soon is not sent again by itself, or a shop that rejects the buyer would be visited in a loop. */
const SENT_LATELY_MS = 30 * SECOND
/** How long an address must still be accepted when the browser opens it. */
const TRAVEL_MS = 15 * SECOND

/**
 * Returns the way to the shop as the page is loaded. `hasShop` is undefined in a page that was written while the sale
 * could not be read: the request for the address finds out.
 */
export function shopOf(arrival: {
  readonly hasShop: boolean | undefined
  readonly isFramed: boolean
  readonly sentAt: number | undefined
  readonly now: number
}): Shop {
  const { hasShop, isFramed, sentAt, now } = arrival
  if (hasShop === false) return { way: 'none' }
  if (isFramed) return { way: 'wanted', byClick: 'framed' }
  const isBack = sentAt !== undefined && Math.abs(now - sentAt) < SENT_LATELY_MS
  return { way: 'wanted', sentAt, byClick: isBack ? 'sent' : undefined }
}

/** Returns the way for another turn of the same page. */
export function shopOfNextTurn({ way, byClick }: Shop): Shop {
  return { way, byClick: byClick === 'framed' ? 'framed' : undefined }
}

/** Tells whether the shop still accepts an address when the browser gets there. */
export function isFresh({ address }: Shop, nowMs: number): boolean {
  return address !== undefined && Date.parse(address.expiresAt) - nowMs > TRAVEL_MS
}

export type ShopEvent =
  | ({ readonly kind: 'handed-over'; readonly at: number } & Address)
  | { readonly kind: 'not-handed-over'; readonly at: number }
  | { readonly kind: 'no-shop' | 'stay-here' }
  | { readonly kind: 'go-to-shop' | 'sent'; readonly at: number }

/** Returns the way after an event. */
export function afterShopEvent(shop: Shop, event: ShopEvent): Shop {
  switch (event.kind) {
    case 'handed-over': {
      const { url, expiresAt, at } = event
      const goesAt = shop.byClick === undefined ? (shop.goesAt ?? at + COUNTDOWN_MS) : shop.goesAt
      return { ...shop, address: { url, expiresAt }, failingSince: undefined, goesAt }
    }
    case 'not-handed-over':
      return { ...shop, failingSince: shop.failingSince ?? event.at }
    case 'no-shop':
      return { way: 'none' }
    case 'stay-here':
      return { ...shop, goesAt: undefined, byClick: 'stays' }
    case 'go-to-shop':
      return { ...shop, goesAt: event.at }
    case 'sent':
      return { ...shop, goesAt: undefined, sentAt: event.at, byClick: shop.byClick ?? 'stays' }
  }
}
