import { createHash } from 'node:crypto'
import { type Board, waitingRoomRoutes } from '@floodgate/contracts'
import { andThen, handle, isTagKnown, type ResponseParts, type Route } from '@floodgate/http'
import { requireSale } from '../sales/find-sale.ts'
import type { CachedSale, SaleCache } from '../sales/sale-cache.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'

interface Rendered {
  readonly snapshot: Snapshot
  /** The board without its time: while this is unchanged, so are the board and its tag. */
  readonly content: string
  readonly etag: string
  readonly whole: ResponseParts
  readonly unchanged: ResponseParts
}

const cacheControl = 'public, max-age=1, stale-while-revalidate=2'

const boardOf = (sale: Snapshot): Omit<Board, 'snapshot' | 'at'> => ({
  sale: sale.sale,
  name: sale.name,
  saleState: sale.publicState,
  ...(sale.supply !== undefined && { supply: sale.supply }),
  waiting: sale.counts.waiting,
  active: sale.counts.active,
  admitted: sale.counts.admitted,
  admitPerSecond: sale.admitPerSecond,
  opensAt: sale.opensAtMs === undefined ? null : new Date(sale.opensAtMs).toISOString(),
  closesAt: sale.closesAtMs === undefined ? null : new Date(sale.closesAtMs).toISOString(),
  edge: sale.edge,
  marks: sale.marks.map(([rank, place]) => [rank, place]),
})

const render = ({ snapshot }: CachedSale, before: Rendered | undefined): Rendered => {
  if (before?.snapshot === snapshot) return before
  const content = JSON.stringify(boardOf(snapshot))
  if (before?.content === content) return { ...before, snapshot }
  const body = JSON.stringify({
    ...boardOf(snapshot),
    snapshot: snapshot.number,
    at: new Date(snapshot.number).toISOString(),
  })
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
  // A cache must not serve one origin's CORS headers to another.
  const headers = { etag, 'cache-control': cacheControl, vary: 'Origin' }
  return {
    snapshot,
    content,
    etag,
    whole: { status: 200, headers: { ...headers, 'content-type': 'application/json' }, body },
    unchanged: { status: 304, headers, body: null },
  }
}

/** Returns a sale's board as a response; 304 to a client that has it. */
export type BoardOf = (sale: CachedSale, ifNoneMatch: string | undefined) => ResponseParts

/** Renders each board once per snapshot. */
export function createBoard(): BoardOf {
  const boards = new WeakMap<CachedSale, Rendered>()
  return function boardOfSale(sale, ifNoneMatch) {
    const before = boards.get(sale)
    const rendered = render(sale, before)
    if (rendered !== before) boards.set(sale, rendered)
    return isTagKnown(rendered.etag, ifNoneMatch) ? rendered.unchanged : rendered.whole
  }
}

/** Serves the public status of a line: a CDN may serve any number of waiting buyers from it. */
export function boardRoute({ sales, board }: { sales: SaleCache; board: BoardOf }): Route {
  return handle(waitingRoomRoutes.readBoard, function readBoard({ parameter, headers }) {
    return andThen(requireSale(sales, parameter), (sale) => board(sale, headers['if-none-match']))
  })
}
