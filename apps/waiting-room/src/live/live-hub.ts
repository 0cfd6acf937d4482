import { saleId, type TicketStatus } from '@floodgate/contracts'
import type { SocketConnection, SocketRoute } from '@floodgate/http'
import { AppError, type Logger } from '@floodgate/runtime'
import type { IdentifyAllowed, Revocations } from '../identity/revocations.ts'
import type { StatusReader } from '../line/read-status.ts'
import type { LineRedis } from '../redis/line-redis.ts'
import type { Ending, Slot } from '../redis/replies.ts'
import { findSaleOrThrow } from '../sales/find-sale.ts'
import type { CachedSale, SaleCache } from '../sales/sale-cache.ts'
import type { LogRecord } from '../snapshot/log-record.ts'
import type { TicketHolder } from '../tokens/identify.ts'
import { type Listener, sendStatus } from './listener.ts'
import { createSweeps } from './sweeps.ts'

export interface LiveHub {
  readonly route: SocketRoute<Session>
  /** Pushes changes to all listeners. Call it for every snapshot. */
  onSnapshot(sale: CachedSale, news: readonly LogRecord[]): void
  /** Tells whether the sale has a socket in this process. */
  isWatched(sale: string): boolean
  /** Returns the sales with a socket in this process. */
  watched(): Iterable<string>
  /** Closes the sockets of accounts and ID tokens that are revoked by now; their next poll gets the reason. */
  closeRevoked(): void
  /** Tells whether the buyer has a socket in this process. */
  isListening(sale: string, buyer: string): boolean
}

interface Session {
  readonly sale: CachedSale
  readonly holder: TicketHolder
  readonly status: TicketStatus
}

/** A claim that did not reach Redis is repeated as long as the socket lives. */
const CLAIM_AGAIN_MS = 2_000
/** RFC 6455 §7.4.1. */
const CLOSE_POLICY = 1008

/**
 * Sends waiting buyers their status. Admissions and endings are pushed from the log: after each tick of this process
 * that admitted a buyer with a socket here, and with every snapshot. Positions are pushed every one to five seconds, in
 * a sweep over the snapshot portion by portion: no Redis command per socket. A socket counts as presence; buyers near
 * the front are noted every few seconds, a portion in one call.
 */
export function createLiveHub(deps: {
  line: LineRedis
  sales: SaleCache
  status: StatusReader
  identify: IdentifyAllowed
  revocations: Pick<Revocations, 'isRevoked'>
  log: Logger
}): LiveHub {
  const { sales, status } = deps
  const bySale = new Map<string, Map<string, Set<Listener>>>()

  const listenersOf = (sale: string, buyer: string): Iterable<Listener> => bySale.get(sale)?.get(buyer) ?? []

  const isListening: LiveHub['isListening'] = (sale, buyer) => bySale.get(sale)?.has(buyer) === true

  const pushAdmitted = (sale: CachedSale, slot: Slot) => {
    const listeners = [...listenersOf(sale.id, slot.buyer)]
    const isAccount = listeners.some(({ holder }) => holder.idToken !== undefined)
    if (sale.snapshot.claimSeconds > 0 || isAccount) return readWhenAlive(sale, listeners)
    if (listeners.length === 0) return
    const message = status.admitted(sale, slot)
    for (const listener of listeners) sendStatus(listener, message)
  }

  const pushNews = (sale: CachedSale, record: LogRecord) => {
    const { kind, buyer, slot } = record
    if (buyer === undefined || !isListening(sale.id, buyer)) return
    if (kind === 'admitted' && slot !== undefined) {
      const { place = 0, atMs: admittedMs, deadlineMs = 0, kid = '' } = record
      pushAdmitted(sale, { slot, buyer, place, admittedMs, deadlineMs, kid, extensions: 0 })
    }
    // Without an order: another tab extended the turn.
    if (kind === 'extended')
      for (const listener of listenersOf(sale.id, buyer)) pushLater(listener, status.fromRedis(sale, listener.holder))
    // The client may only be slow to respond; then it waits again, ahead of the line.
    if (kind === 'returned' && record.reason === 'unclaimed') readWhenAlive(sale, listenersOf(sale.id, buyer))
    else if (kind === 'returned' || kind === 'left') {
      const ending = kind === 'left' ? 'left' : (record.reason as Ending)
      for (const listener of listenersOf(sale.id, buyer)) sendStatus(listener, status.over(sale, ending))
    }
  }

  /**
   * Reads a listener's status after a sign of life. An admission pushed to an unreachable phone would be shown only
   * after its slot went to the next buyer. So an admission is sent only after a pong, and after the look-up that claims
   * the slot.
   */
  const readWhenAlive = (sale: CachedSale, listeners: Iterable<Listener>) => {
    for (const listener of listeners)
      listener.connection.probe(() => {
        status
          .fromRedis(sale, listener.holder)
          .then((now) => sendStatus(listener, now))
          .catch(() => setTimeout(() => readWhenAlive(sale, [listener]), CLAIM_AGAIN_MS).unref())
      })
  }

  const pushLater = (listener: Listener, status: Promise<TicketStatus>) => {
    const { sale } = listener.holder
    status
      .then((now) => sendStatus(listener, now))
      .catch((error: unknown) => deps.log.debug({ sale, error }, 'socket left to the next news'))
  }

  function closeIfRevoked({ connection, holder }: Listener): void {
    if (deps.revocations.isRevoked(holder)) connection.close(CLOSE_POLICY, 'identity-revoked')
  }

  const sweeps = createSweeps({ line: deps.line, log: deps.log, listenersOf, readWhenAlive })

  const onOpen = (connection: SocketConnection, { sale, holder, status: first }: Session) => {
    const buyers = bySale.get(sale.id) ?? new Map<string, Set<Listener>>()
    bySale.set(sale.id, buyers)
    const listeners = buyers.get(holder.buyer) ?? new Set<Listener>()
    buyers.set(holder.buyer, listeners)
    const listener: Listener = {
      connection,
      holder,
      sentPosition: undefined,
      newestSnapshot: 0,
      sent: undefined,
    }
    listeners.add(listener)
    // Between its identification and now the account may have been revoked: `closeRevoked` did not see this socket.
    closeIfRevoked(listener)
    sendStatus(listener, first)
    // The buyer may have been admitted since the first read: reads again, now that we listen.
    pushLater(
      listener,
      Promise.resolve(status.read(sale, holder)).then((now) => now.status),
    )
    return function onClose() {
      listeners.delete(listener)
      if (listeners.size === 0) buyers.delete(holder.buyer)
      if (buyers.size > 0) return
      bySale.delete(sale.id)
      sweeps.forget(sale.id)
    }
  }

  return {
    route: {
      matches: (path) => /^\/sales\/[^/]+\/live$/.test(path),
      authenticate: async ({ url, token, cookie }) => {
        const id = saleId.safeParse(url.pathname.split('/')[2])
        if (!id.success) throw new AppError('invalid-request')
        const sale = await findSaleOrThrow(sales, id.data)
        const shown = await deps.identify(id.data, { token, cookie })
        const place = shown.place || (await status.findPlace(sale, shown))
        const holder = { ...shown, place }
        return { sale, holder, status: (await status.read(sale, holder)).status }
      },
      holderOf: ({ sale, holder }) => `${sale.id} ${holder.buyer}`,
      onOpen,
    },
    closeRevoked: () => {
      for (const buyers of bySale.values())
        for (const listeners of buyers.values()) for (const listener of listeners) closeIfRevoked(listener)
    },
    isListening,
    isWatched: (sale) => bySale.has(sale),
    watched: () => bySale.keys(),
    onSnapshot: (sale, news) => {
      const buyers = bySale.get(sale.id)
      if (buyers === undefined) return
      for (const record of news) pushNews(sale, record)
      sweeps.startDue(sale, buyers)
    },
  }
}
