import { notifierRoutes, saleId, watchStockQuery } from '@floodgate/contracts'
import {
  type CountLimited,
  handle,
  isTagKnown,
  parseOrThrow,
  type Route,
  type SocketConnection,
  type SocketRoute,
} from '@floodgate/http'
import { AppError } from '@floodgate/runtime'
import { type Board, messageSince, render } from './board.ts'
import type { StockBoards } from './stock-boards.ts'

/** The sockets of this process that watch a stock, by sale. */
export interface StockHub {
  watch(sale: string, connection: SocketConnection): () => void
  /** Pushes a change to the sale's sockets. A slow client gets the newest message only, and sees that it missed some. */
  onChanged(board: Board, after: number): void
  isWatched(sale: string): boolean
  count(): number
}

export function createStockHub(): StockHub {
  const bySale = new Map<string, Set<SocketConnection>>()
  let count = 0
  return {
    watch(sale, connection) {
      const connections = bySale.get(sale) ?? new Set()
      bySale.set(sale, connections.add(connection))
      count += 1
      return function unwatch() {
        if (!connections.delete(connection)) return
        count -= 1
        if (connections.size === 0 && bySale.get(sale) === connections) bySale.delete(sale)
      }
    },
    onChanged(board, after) {
      const connections = bySale.get(board.sale)
      if (connections === undefined) return
      const message = JSON.stringify(messageSince(board, after))
      for (const connection of connections) connection.push(message)
    },
    isWatched: (sale) => bySale.has(sale),
    count: () => count,
  }
}

/** Serves the board from memory, on the fast path (ADR 0013): a shop's page may read it for every visitor. */
export function stockBoardRoute(boards: StockBoards): Route {
  return handle(notifierRoutes.readStockBoard, function readStockBoard(request) {
    const board = boards.get(parseOrThrow(saleId, request.parameter))
    const respond = (known: Board) => {
      const { etag, whole, unchanged } = render(known)
      return isTagKnown(etag, request.headers['if-none-match']) ? unchanged : whole
    }
    return board instanceof Promise ? board.then(respond) : respond(board)
  })
}

const PATH = /^\/live\/sales\/([^/]+)\/stock\/changes$/
/** A rejected socket may be accepted once others have closed; the client reads the board meanwhile. */
const RETRY_SECONDS = 10

interface StockSession {
  readonly board: Board
  readonly after: number | undefined
}

/**
 * Serves `GET /live/sales/{sale}/stock/changes`: a message with what the client missed, then one per change. Anybody may
 * watch, so these sockets take at most half of the process': buyers who watch their orders have the rest.
 */
export function createStockSocketRoute(deps: {
  readonly boards: StockBoards
  readonly hub: StockHub
  /** Sockets of the process; 0: no limit. */
  readonly socketsMax: number
  readonly countLimited: CountLimited
}): SocketRoute<StockSession> {
  const { boards, hub, countLimited } = deps
  const countMax = deps.socketsMax === 0 ? Number.POSITIVE_INFINITY : Math.ceil(deps.socketsMax / 2)
  return {
    matches: (pathname) => PATH.test(pathname),
    authenticate: async ({ url }) => {
      const sale = parseOrThrow(saleId, PATH.exec(url.pathname)?.[1])
      const { after } = parseOrThrow(watchStockQuery, Object.fromEntries(url.searchParams))
      if (hub.count() >= countMax) {
        countLimited('stock-sockets')
        throw new AppError('busy', { members: { limit: 'stock-sockets' }, retryAfterSeconds: RETRY_SECONDS })
      }
      return { board: await boards.get(sale), after }
    },
    holderOf: () => undefined,
    onOpen: (connection, { board, after }) => {
      const unwatch = hub.watch(board.sale, connection)
      connection.push(JSON.stringify(messageSince(boards.current(board), after)))
      return unwatch
    },
  }
}
