import { createHash } from 'node:crypto'
import type { StockBoardItem, StockChange, StockLevel, Supply } from '@floodgate/contracts'
import type { ResponseParts } from '@floodgate/http'
import type { LevelsChange, StoredLevel, StoredLevels } from './stock-store.ts'

/** Items of one message of a socket at most; a client that lacks more reads the board, which a cache may serve. */
export const MESSAGE_ITEMS_MAX = 100
/** Changes that a board remembers, for clients that reconnect: half a minute of a sale at full speed. */
const RECENT_MAX = 60

interface Level {
  readonly version: number
  readonly available: number
  readonly unsold: number
}

/** The stock of a sale as one process knows it. Changed in place: it may have ten thousand items. */
export interface Board {
  readonly sale: string
  version: number
  at: string
  supply: Supply
  readonly levels: Map<string, Level>
  /** The store has an older reading of some item: a failover of Redis lost the newer one. */
  isAhead: boolean
  /** The latest changes, oldest first: their versions rise, and each begins where the one before ended. */
  readonly recent: { readonly after: number; readonly version: number; readonly skus: readonly string[] }[]
  /** The responses of this version, once requested. */
  rendered: RenderedBoard | undefined
}

export interface RenderedBoard {
  readonly etag: string
  readonly whole: ResponseParts
  readonly unchanged: ResponseParts
}

export function createBoard(sale: string, stored: StoredLevels): Board {
  const { version, at, supply } = stored
  const levels = new Map(stored.items.map(({ sku, ...level }) => [sku, level]))
  return { sale, version, at, supply, levels, isAhead: false, recent: [], rendered: undefined }
}

/** Changes a board. The change must begin at the board's version. */
export function applyChange(board: Board, { version, at, supply, items, gone }: Omit<LevelsChange, 'sale'>): void {
  const skus = [...items.map(({ sku }) => sku), ...gone]
  board.recent.push({ after: board.version, version, skus })
  if (board.recent.length > RECENT_MAX) board.recent.shift()
  Object.assign(board, { version, at, supply, rendered: undefined })
  for (const { sku, available, unsold, version: ofItem = version } of items)
    board.levels.set(sku, { version: ofItem, available, unsold })
  for (const sku of gone) board.levels.delete(sku)
}

/**
 * Returns what leads from a board to the store, for a process that missed changes. The board keeps newer readings of
 * items; and, while the store does not know all items of the sale, those that it lacks.
 */
export function changeTo(board: Board, { version, at, supply, isWhole, items }: StoredLevels): LevelsChange {
  const changed = items.filter((item) => !isSame(board.levels.get(item.sku), item) && !isOlder(item, board))
  const stored = new Set(items.map(({ sku }) => sku))
  const gone = isWhole ? [...board.levels.keys()].filter((sku) => !stored.has(sku)) : []
  return { sale: board.sale, after: board.version, version, at, supply, items: changed, gone }
}

/** Tells whether the store has an older reading of an item than the board, and another one. */
export function isBehind({ items }: StoredLevels, board: Board): boolean {
  return items.some((item) => isOlder(item, board) && !isSame(board.levels.get(item.sku), item))
}

function isOlder({ sku, version }: StoredLevel, { levels }: Board): boolean {
  return version < (levels.get(sku)?.version ?? 0)
}

function isSame(level: Level | undefined, item: StockLevel): boolean {
  return level?.available === item.available && level.unsold === item.unsold
}

/**
 * Returns the message for a client with this version of the board: what it lacks, with the present values, or `after:
 * null` when that is not known any more or too much.
 */
export function messageSince(board: Board, after: number | undefined): StockChange {
  const { version, at, supply } = board
  const items = after === undefined ? undefined : missedItems(board, after)
  if (items === undefined || after === undefined) return { version, at, supply, after: null, items: [] }
  return { version, at, supply, after, items }
}

function missedItems(board: Board, after: number): StockBoardItem[] | undefined {
  const missed = board.recent.filter(({ version }) => version > after)
  const begin = missed.at(0)?.after ?? board.version
  // A version that this board has not passed through: one of before the first, or one that it does not know yet.
  if (begin > after || after > board.version) return undefined
  const skus = new Set(missed.flatMap((change) => change.skus))
  return skus.size > MESSAGE_ITEMS_MAX ? undefined : [...skus].map((sku) => itemOf(sku, board.levels.get(sku)))
}

function itemOf(sku: string, level: Omit<Level, 'version'> = { available: 0, unsold: 0 }): StockBoardItem {
  return { sku, available: level.available, soldOut: level.unsold === 0 }
}

/** Renders a board once per version. */
export function render(board: Board): RenderedBoard {
  board.rendered ??= renderNow(board)
  return board.rendered
}

function renderNow({ sale, version, supply, at, levels }: Board): RenderedBoard {
  const items = [...levels].map(([sku, level]) => itemOf(sku, level))
  const body = JSON.stringify({ sale, version, supply, at, items })
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
  // A cache must not serve one origin's CORS headers to another.
  const headers = { etag, 'cache-control': 'public, max-age=1', vary: 'Origin' }
  return {
    etag,
    whole: { status: 200, headers: { ...headers, 'content-type': 'application/json' }, body },
    unchanged: { status: 304, headers, body: null },
  }
}
