import type { PublicSaleState } from '@floodgate/contracts'
import type { Memory } from './memory.ts'
import type { CameBack, Checkout, Line, Model } from './model.ts'
import type { Shop } from './shop.ts'

const recallLine = (memory: Memory, arrival: { isKnown: boolean; joinsByClick: boolean }): Line => {
  if (memory.left) return { kind: 'left' }
  if (memory.admission !== undefined && memory.expiresAt !== undefined)
    return { kind: 'admitted', admission: memory.admission, expiresAt: memory.expiresAt }
  if (memory.ticket !== undefined)
    return { kind: 'waiting', position: memory.position ?? null, best: memory.position ?? undefined, etaSeconds: null }
  if (arrival.isKnown) return { kind: 'looking' }
  return { kind: arrival.joinsByClick ? 'unknown' : 'arriving' }
}

const recallCheckout = ({ draft, key, order }: Memory): Checkout => {
  const known = draft === undefined ? {} : { draft }
  if (order !== undefined) return { kind: 'placed', order, ...known }
  if (key !== undefined && draft !== undefined) return { kind: 'placing', draft, key, trouble: 'none' }
  return { kind: 'choosing', ...known }
}

/** Returns the initial model: the sale as the server wrote it into the page, and this tab's memory. */
export function beginWith(
  sale: Model['sale'] & { state?: PublicSaleState | undefined; opensAt?: string | null },
  memory: Memory,
  {
    isKnown = false,
    joinsByClick = memory.joinsByClick === true,
    page = 'sale',
    shop = { way: 'none' },
    cameBack,
    stopToken,
  }: {
    stopToken?: string | undefined
    isKnown?: boolean
    joinsByClick?: boolean | undefined
    page?: Model['page']
    shop?: Shop
    cameBack?: CameBack | undefined
  } = {},
): Model {
  return {
    sale: { id: sale.id, name: sale.name, returnSeconds: sale.returnSeconds, turnSeconds: sale.turnSeconds },
    saleState: sale.state,
    opensAt: sale.opensAt ?? null,
    ticket: memory.ticket,
    line: recallLine(memory, { isKnown, joinsByClick }),
    firstPosition: memory.firstPosition ?? null,
    snapshot: 0,
    admission: memory.admission,
    reader: undefined,
    search: 'none',
    isKnown,
    joinsByClick,
    rejectedInRow: 0,
    page,
    catalogue: undefined,
    catalogueFromMs: 0,
    stock: new Map(),
    reminder: stopToken === undefined ? { kind: 'none' } : { kind: 'stopping', token: stopToken },
    seen: undefined,
    vouchers: undefined,
    claim: memory.draft?.voucher === undefined ? undefined : { kind: 'asked', campaign: memory.draft.voucher },
    checkout: recallCheckout(memory),
    moreTime: { kind: 'none' },
    shop,
    order: undefined,
    cameBack,
    cancelling: undefined,
    earlier: memory.earlier,
    lostSince: undefined,
    tillLostSince: undefined,
    noGoodsSince: undefined,
    wokeAt: undefined,
  }
}
