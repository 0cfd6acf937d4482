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
  /**
   * Returns the board that is kept up to date, for a socket that watches the sale from now on: the one that it was
   * accepted with may have been dropped since.
   */
  current(board: Board): Board
  /** Reads all boards again, some at a time: changes may have been missed. */
  readAgain(): void
}

/** Items of all boards together: some 50 MB with their responses. The boards least recently read are dropped first. */
const ITEMS_MAX = 200_000
const BOARDS_MAX = 5_000
/** Concurrent reads of boards that this process lacks (any client can invent sales), and as many of those that it has. */
const READS_MAX = 8
const MISSING_MAX = 10_000
const MISSING_MS = 1_000

interface Reading {
  readonly board: Promise<Board | undefined>
  /** The newest version that was published meanwhile: the read may have been too early for it. */
  published: number
}

/**
 * Keeps the boards of this process up to date: from the store when first requested, by published changes afterwards. A
 * board that was dropped is read again at its next request.
 */
export function createStockBoards(deps: {
  read(sale: string): Promise<StoredLevels | undefined>
  /** Called after each change of a board. */
  onChanged(board: Board, after: number): void
  /** Boards with sockets stay, however many others are requested. */
  isWatched(sale: string): boolean
  onReadFailed(error: unknown): void
  /** Default 200,000. */
  readonly itemsMax?: number
  /** Default 5,000. */
  readonly boardsMax?: number
  now?(): number
}): StockBoards {
  const { itemsMax = ITEMS_MAX, boardsMax = BOARDS_MAX } = deps
  const now = deps.now ?? performance.now.bind(performance)
  /** Those least recently read come first. */
  const boards = new Map<string, Board>()
  const missingSince = createBoundedMap<number>(MISSING_MAX, { keptMs: MISSING_MS, now })
  const firstReads = new Map<string, Reading>()
  const due = new Set<Board>()
  const rereading = new Set<Board>()

  function touch(board: Board): void {
    boards.delete(board.sale)
    boards.set(board.sale, board)
  }

  function keep(board: Board): void {
    touch(board)
    let items = 0
    for (const { levels } of boards.values()) items += levels.size
    for (const other of boards.values()) {
      if (items <= itemsMax && boards.size <= boardsMax) return
      if (other === board || deps.isWatched(other.sale)) continue
      boards.delete(other.sale)
      items -= other.levels.size
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

  /** Brings a board to the store's version. One read of it at a time: a wish meanwhile starts another. */
  function readLater(board: Board): void {
    due.add(board)
    readDue()
  }

  function readDue(): void {
    for (const board of due) {
      if (rereading.size >= READS_MAX) return
      if (rereading.has(board)) continue
      due.delete(board)
      rereading.add(board)
      reread(board)
        .catch(deps.onReadFailed)
        .finally(() => {
          rereading.delete(board)
          readDue()
        })
    }
  }

  async function reread(board: Board): Promise<void> {
    const stored = await deps.read(board.sale)
    if (stored === undefined) return
    board.isAhead = isBehind(stored, board)
    if (stored.version > board.version) apply(board, changeTo(board, stored))
  }

  return {
    get(sale) {
      const board = boards.get(sale)
      if (board !== undefined) {
        touch(board)
        return board
      }
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
    current(board) {
      const known = boards.get(board.sale)
      if (known !== undefined) return known
      keep(board)
      readLater(board)
      return board
    },
    readAgain() {
      for (const board of boards.values()) readLater(board)
    },
  }
}
