import { draftOf } from './checkout-news.ts'
import type { Line, Model } from './model.ts'
import { shopOfNextTurn } from './shop.ts'

/** Returns the line state of a reopened sale: the ticket keeps its place. */
export function reopened({ ticket, saleState, isKnown }: Model): Line {
  if (saleState === 'scheduled') return { kind: 'not-open' }
  return ticket === undefined
    ? { kind: isKnown ? 'looking' : 'arriving' }
    : { kind: 'waiting', position: null, etaSeconds: null }
}

/** Resets the model for a new join; keeps what was filled in. */
export function restart(model: Model): Model {
  return {
    ...model,
    line: { kind: 'arriving' },
    ticket: undefined,
    firstPosition: null,
    snapshot: 0,
    admission: undefined,
    reader: undefined,
    search: 'none',
    checkout: { kind: 'choosing', ...draftOf(model.checkout) },
    moreTime: { kind: 'none' },
    shop: shopOfNextTurn(model.shop),
    catalogue: undefined,
    catalogueFromMs: 0,
    seen: undefined,
    noGoodsSince: undefined,
    order: undefined,
    wokeAt: undefined,
  }
}

/** Resets like `restart`, but asks before it joins: the buyer has not asked to join. */
export function lookAgain(model: Model): Model {
  return {
    ...restart(model),
    line: { kind: 'looking' },
    rejectedInRow: model.rejectedInRow + 1,
  }
}
