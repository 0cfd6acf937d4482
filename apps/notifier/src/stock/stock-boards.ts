import { createBoundedMap } from '@floodgate/async'
import { AppError } from '@floodgate/runtime'
import { applyChange, type Board, changeTo, createBoard, isBehind } from './board.ts'
import type { LevelsChange, StoredLevels } from './stock-store.ts'

export interface StockBoards {
  /**
   * Returns a sale's board, at once where this process has it. Rejects with `not-found` when no stock of the sale is
   * known, `unavailable` when it is not known whole yet, and `busy` while too many boards are being read.
   */
  get(sale: string): Board | Promise<Board>
  /** Applies a change that was published to all processes. */
  onChange(change: LevelsChange): void
  /** Reads all boards again: changes may have been missed. */
  readAgain(): void
}

const BOARDS_MAX = 200
/** Concurrent reads of boards that this process lacks: any client can invent sales. */
const READS_MAX = 8
const MISSING_MAX = 10_000
const MISSING_MS = 1_000

interface Reading {
  readonly board: Promise<Board | undefined>
  /** The newest version that was published meanwhile: the read may have been too early for it. */
  published: number
}

/** Keeps the boards of this process up to date: from the store when first requested, by published changes afterwards. */
export function createStockBoards(deps: {
  read(sale: string): Promise<StoredLevels | undefined>
  /** Called after each change of a board. */
  onChanged(board: Board, after: number): void
  /** Boards with sockets stay, however many others are requested. */
  isWatched(sale: string): boolean
  onReadFailed(error: unknown): void
  now?(): number
}): StockBoards {
  const now = deps.now ?? performance.now.bind(performance)
  const boards = new Map<string, Board>()
  const missingSince = createBoundedMap<number>(MISSING_MAX, { keptMs: MISSING_MS, now })
  const firstReads = new Map<string, Reading>()
  const rereads = new Map<string, { isWanted: boolean }>()

  function keep(board: Board): void {
    boards.set(board.sale, board)
    if (boards.size <= BOARDS_MAX) return
    for (const sale of boards.keys()) {
      if (sale === board.sale || deps.isWatched(sale)) continue
      boards.delete(sale)
      return
    }
  }

  async function readFirst(sale: string): Promise<Board | undefined> {
    const stored = await deps.read(sale)
    const published = firstReads.get(sale)?.published ?? 0
    if (stored === undefined) {
      missingSince.set(sale, now())
      return undefined
    }
    if (!stored.isWhole)
      throw new AppError('unavailable', { detail: 'The stock is not known whole yet.', retryAfterSeconds: 1 })
    const board = createBoard(sale, stored)
    keep(board)
    if (published > board.version) readLater(board)
    return board
  }

  async function requireFirst(sale: string): Promise<Board> {
    let reading = firstReads.get(sale)
    if (reading === undefined) {
      if (firstReads.size >= READS_MAX) throw new AppError('busy', { retryAfterSeconds: 1 })
      const board = readFirst(sale).finally(() => firstReads.delete(sale))
      reading = { board, published: 0 }
      firstReads.set(sale, reading)
    }
    const board = await reading.board
    if (board === undefined) throw new AppError('not-found')
    return board
  }

  function apply(board: Board, change: LevelsChange): void {
    const after = board.version
    applyChange(board, change)
    deps.onChanged(board, after)
  }

  /** Brings a board to the store's version. One read at a time: a wish meanwhile starts another. */
  function readLater(board: Board): void {
    const running = rereads.get(board.sale)
    if (running !== undefined) {
      running.isWanted = true
      return
    }
    const reread = { isWanted: true }
    rereads.set(board.sale, reread)
    async function readWhileWanted(): Promise<void> {
      while (reread.isWanted) {
        reread.isWanted = false
        const stored = await deps.read(board.sale)
        if (stored === undefined) continue
        board.isAhead = isBehind(stored, board)
        if (stored.version > board.version) apply(board, changeTo(board, stored))
      }
    }
    readWhileWanted()
      .catch(deps.onReadFailed)
      .finally(() => rereads.delete(board.sale))
  }

  return {
    get(sale) {
      const board = boards.get(sale)
      if (board !== undefined) return board
      if (now() - (missingSince.get(sale) ?? Number.NEGATIVE_INFINITY) < MISSING_MS) throw new AppError('not-found')
      return requireFirst(sale)
    },
    onChange(change) {
      const { sale, after, version } = change
      const reading = firstReads.get(sale)
      if (reading !== undefined) reading.published = Math.max(reading.published, version)
      const board = boards.get(sale)
      if (board === undefined || version <= board.version) return
      // What equals a reading that the store has, but the board is ahead of, is in no change.
      if (after === board.version && !board.isAhead) apply(board, change)
      else readLater(board)
    },
    readAgain() {
      for (const board of boards.values()) readLater(board)
    },
  }
}
