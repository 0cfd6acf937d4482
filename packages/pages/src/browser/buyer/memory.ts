import type { Draft, Model } from './model.ts'

/** What survives a reload of this tab. */
export interface Memory {
  readonly ticket?: string | undefined
  readonly position?: number | null
  readonly firstPosition?: number | null
  readonly admission?: string | undefined
  readonly expiresAt?: string | undefined
  readonly left?: boolean
  readonly joinsByClick?: boolean
  readonly draft?: Draft | undefined
  /** The key of a sent order without a response. */
  readonly key?: string | undefined
  readonly order?: string | undefined
  readonly earlier?: string | undefined
  /** When the page sent its buyer to the shop. */
  readonly sentAt?: number | undefined
}

export function memoryOf(model: Model): Memory {
  return {
    ticket: model.ticket,
    position: model.line.kind === 'waiting' ? model.line.position : null,
    firstPosition: model.firstPosition,
    admission: model.admission,
    expiresAt: model.line.kind === 'admitted' ? model.line.expiresAt : undefined,
    left: model.line.kind === 'left',
    joinsByClick: model.joinsByClick,
    draft: model.checkout.draft,
    key: model.checkout.kind === 'placing' ? model.checkout.key : undefined,
    // Without its admission an order is found again by the buyer's cookie.
    order: model.checkout.kind === 'placed' && model.admission !== undefined ? model.checkout.order : undefined,
    earlier: model.earlier,
    sentAt: model.shop.sentAt,
  }
}

/**
 * Stores what this tab remembers across a reload. Session storage, not local: another tab asks the server, which knows
 * the buyer by the cookie, and nothing outlives the visit.
 */
export function openMemory(sale: string) {
  const name = `floodgate:${sale}`
  let kept = ''
  return {
    recall: (): Memory => {
      try {
        return JSON.parse(sessionStorage.getItem(name) ?? '{}') as Memory
      } catch {
        return {} // Storage is disabled or damaged: the page works, but forgets at a reload.
      }
    },
    keep: (model: Model): void => {
      const memory = JSON.stringify(memoryOf(model))
      if (memory === kept) return
      kept = memory
      try {
        sessionStorage.setItem(name, memory)
      } catch {
        // As above.
      }
    },
  }
}
