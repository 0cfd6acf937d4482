import { setImmediate as otherWork } from 'node:timers/promises'
import type { TicketStatus } from '@floodgate/contracts'
import type { Logger } from '@floodgate/runtime'
import { notePresence, type Present } from '../line/presence.ts'
import type { LineRedis } from '../redis/line-redis.ts'
import type { CachedSale } from '../sales/sale-cache.ts'
import {
  etaSeconds,
  pushAfterMs,
  SOCKET_PRESENCE_EVERY_MS,
  socketPresentMs,
  sweepEveryMs,
} from '../snapshot/poll-policy.ts'
import { isBeforeLine, nextPosition, rankOf } from '../snapshot/position.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { isDue, isOutdated, isSoldOut, isWaiting, type Listener, sendStatus } from './listener.ts'

export interface SweepDeps {
  readonly line: LineRedis
  readonly log: Logger
  listenersOf(sale: string, buyer: string): Iterable<Listener>
  /** Reads the status of listeners from Redis, each after a sign of life. */
  readWhenAlive(sale: CachedSale, listeners: Iterable<Listener>): void
}

/** Sweeps over the listeners of a sale: sends those who wait their position, and notes their presence. */
export interface Sweeps {
  /** Starts a sweep if one is due: each second, or when the sale's state changed, or when it sold out. */
  startDue(sale: CachedSale, buyers: ReadonlyMap<string, ReadonlySet<Listener>>): void
  /** Forgets a sale without listeners. */
  forget(sale: string): void
}

/** The last sweep of a sale. */
interface Sweep {
  readonly atMs: number
  readonly presenceAtMs: number
  readonly state: string
  readonly soldOut: boolean
  isRunning: boolean
}

/**
 * Buyers per portion: some 5 ms when all of them have moved. Ten thousand at once would block everything for 250 ms.
 */
const SWEEP_PORTION = 250

export function createSweeps({ line, log, listenersOf, readWhenAlive }: SweepDeps): Sweeps {
  const lastOf = new Map<string, Sweep>()

  const sweep = async (
    sale: CachedSale,
    buyers: ReadonlyMap<string, ReadonlySet<Listener>>,
    { notePresent, stateChanged }: { notePresent: boolean; stateChanged: boolean },
  ) => {
    let present: Present[] = []
    let looked = 0
    for (const [buyer, listeners] of buyers) {
      for (const listener of listeners) {
        if (!isWaiting(listener)) {
          if (stateChanged && isOutdated(listener, sale.snapshot)) readWhenAlive(sale, [listener])
          continue
        }
        // Reads the current snapshot: this sweep may have paused since it began.
        const { snapshot } = sale
        const { place } = listener.holder
        const rank = rankOf(snapshot, place)
        // After a loss of Redis: also all that it may have lost.
        if (notePresent && (place <= snapshot.edge || place <= snapshot.restoreBelow))
          present.push({ buyer, place, presentMs: socketPresentMs })
        if (isBeforeLine(snapshot, place)) {
          if (isDue(listener, { snapshot, rank: snapshot.returners })) readForReturner(sale, listener)
        } else if (isDue(listener, { snapshot, rank })) sendStatus(listener, statusOf(listener, snapshot, rank))
      }
      looked += 1
      if (looked % SWEEP_PORTION !== 0) continue
      noteAll(sale, present)
      present = []
      // Requests, ticks and admissions have priority over the rest.
      await otherWork()
    }
    noteAll(sale, present)
  }

  const noteAll = (sale: CachedSale, present: readonly Present[]) => {
    if (present.length === 0) return
    notePresence(line, sale.id, present)
      .then((others) => {
        // Admitted or gone a moment ago, or the log entry about it never came here: the snapshot may not show it either.
        for (const buyer of others) readWhenAlive(sale, listenersOf(sale.id, buyer))
      })
      .catch((error: unknown) => log.debug({ sale: sale.id, error }, 'presence not recorded; next sweep retries'))
  }

  /** Reads the position of a returner, which the snapshot does not contain. */
  const readForReturner = (sale: CachedSale, listener: Listener) => {
    listener.sentPosition = undefined
    readWhenAlive(sale, [listener])
  }

  return {
    startDue: (sale, buyers) => {
      const now = performance.now()
      const last = lastOf.get(sale.id) ?? { atMs: 0, presenceAtMs: 0, state: '', soldOut: false, isRunning: false }
      const state = sale.snapshot.publicState
      const soldOut = isSoldOut(sale.snapshot)
      const isTurn = state !== last.state || soldOut !== last.soldOut
      if (last.isRunning || (now - last.atMs < sweepEveryMs && !isTurn)) return
      const notePresent = now - last.presenceAtMs >= SOCKET_PRESENCE_EVERY_MS
      const presenceAtMs = notePresent ? now : last.presenceAtMs
      const begun = { atMs: now, presenceAtMs, state, soldOut, isRunning: true }
      lastOf.set(sale.id, begun)
      sweep(sale, buyers, { notePresent, stateChanged: state !== last.state })
        .catch((error: unknown) => log.error({ sale: sale.id, error }, 'socket sweep failed'))
        .finally(() => {
          begun.isRunning = false
        })
    },
    forget: (sale) => {
      lastOf.delete(sale)
    },
  }
}

function statusOf(listener: Listener, snapshot: Snapshot, rank: number): TicketStatus {
  const { returners } = snapshot
  const position = nextPosition(listener.sentPosition, {
    position: rank + 1,
    returners,
    isTakenAsRead: snapshot.publicState === 'recovering',
  })
  const pollAfterMs = pushAfterMs(snapshot, rank)
  const common = { saleState: snapshot.publicState, pollAfterMs, snapshot: snapshot.number }
  if (snapshot.publicState === 'closed') return { state: 'closed', ...common, position: null, etaSeconds: null }
  const left = snapshot.supply === undefined ? {} : { supply: snapshot.supply }
  return { state: 'waiting', ...common, position, etaSeconds: etaSeconds(snapshot, position - 1), returners, ...left }
}
