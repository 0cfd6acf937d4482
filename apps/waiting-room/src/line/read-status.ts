import { createBoundedMap, createMicroBatcher } from '@floodgate/async'
import type { TicketStatus } from '@floodgate/contracts'
import type { MaybePromise } from '@floodgate/http'
import { AppError } from '@floodgate/runtime'
import type { Revocations } from '../identity/revocations.ts'
import type { LineRedis } from '../redis/line-redis.ts'
import { redisUnavailable } from '../redis/line-redis.ts'
import type { Slot } from '../redis/replies.ts'
import type { CachedSale, SaleCache } from '../sales/sale-cache.ts'
import { extensionsOf } from '../slots/extend-turn.ts'
import type { LogRecord } from '../snapshot/log-record.ts'
import { etaSeconds, pollAfterMs, pollAfterOverMs, presentMs, redisLookupWindow } from '../snapshot/poll-policy.ts'
import { isBeforeLine, nextPosition, type ReadPosition, rankOf } from '../snapshot/position.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import type { TicketHolder } from '../tokens/identify.ts'
import { admissionExpiresAtMs, type SignAdmission } from '../tokens/sign-admission.ts'
import { type BuyerState, QUERIES_MAX, readBuyerStates, type StateQuery } from './buyer-state.ts'
import type { Presence } from './presence.ts'

export type AdmittedStatus = Extract<TicketStatus, { state: 'admitted' }>

export interface StatusReading {
  readonly status: TicketStatus
  /** Where it was read; `cached`: the response to an earlier poll of the buyer. */
  readonly source: 'snapshot' | 'redis' | 'cached'
}

export interface StatusReader {
  /** Reads a buyer's status: from the snapshot where that suffices, else from Redis. */
  read(sale: CachedSale, holder: TicketHolder): MaybePromise<StatusReading>
  /**
   * Reads a waiting buyer's status from the snapshot; undefined when Redis must be queried. Notes the buyer's presence.
   */
  fromSnapshot(sale: CachedSale, holder: TicketHolder): TicketStatus | undefined
  /**
   * Reads the status from Redis: for buyers near their turn, and those unknown to this process. Notes the buyer's
   * presence, and which ID token has seen the pass. Rejects with `identity-revoked` for a revoked buyer with a turn.
   */
  fromRedis(sale: CachedSale, holder: TicketHolder): Promise<TicketStatus>
  /** Returns the status of an anonymous admitted buyer; an account gets its pass by `fromRedis` alone. */
  admitted(sale: CachedSale, slot: Slot): AdmittedStatus
  /**
   * Reads a buyer's turn from Redis; undefined for a buyer who is not inside, or whose admission has expired by Redis'
   * clock. Notes the buyer's presence, its claim of the slot, and which ID token has seen
   * the pass. Rejects with `identity-revoked` for a revoked buyer with a turn.
   */
  findTurn(sale: CachedSale, holder: TicketHolder): Promise<Slot | undefined>
  over(sale: CachedSale, ending: 'finished' | 'expired' | 'left'): TicketStatus
  /** Notes leaves in the sale's log: such a buyer needs no further look-up. */
  noteLeavers(sale: string, news: readonly LogRecord[]): void
  /** Returns the place of a buyer identified only by a cookie; 0 when it has none. */
  findPlace(sale: CachedSale, holder: TicketHolder): Promise<number>
  /** Records the place returned by a join, and returns the position to show for it (see `nextPosition`). */
  recordPosition(holder: TicketHolder, read: ReadPosition): number
}

const BUYERS_MAX = 200_000
/** With an older snapshot the edge of the window may have moved on: the script decides. */
const SNAPSHOT_AGE_MS_MAX = 1_000

const isInWindow = ({ snapshot, readAtMs }: CachedSale, place: number): boolean =>
  place <= snapshot.edge || performance.now() - readAtMs > SNAPSHOT_AGE_MS_MAX

/** The data that this process keeps about a buyer. */
interface KnownBuyer {
  /** The place known from its join or from Redis; 0 when unknown. */
  place: number
  /** The place it has left; 0 for none. */
  left: number
  /**
   * The loss of Redis after which the ticket has been claimed; until then Redis may not have it, wherever its place is.
   */
  claimedAfter: number
  /** The position last sent for the place `sentPlace`. */
  sent: ReadPosition | undefined
  sentPlace: number
}

const createKnownBuyers = () => {
  const buyers = createBoundedMap<KnownBuyer>(BUYERS_MAX)
  return function knownBuyer({ sale, buyer }: Pick<TicketHolder, 'sale' | 'buyer'>): KnownBuyer {
    const key = `${sale} ${buyer}`
    const known = buyers.get(key)
    if (known !== undefined) return known
    const fresh: KnownBuyer = { place: 0, left: 0, claimedAfter: 0, sent: undefined, sentPlace: 0 }
    buyers.set(key, fresh)
    return fresh
  }
}

const recordSent = (buyer: KnownBuyer, place: number, read: ReadPosition): number => {
  const position = nextPosition(buyer.sentPlace === place ? buyer.sent : undefined, read)
  buyer.sent = { position, returners: read.returners }
  buyer.sentPlace = place
  return position
}

export function createStatusReader(deps: {
  line: LineRedis
  sales: SaleCache
  signAdmission: SignAdmission
  presence: Presence
  revocations: Pick<Revocations, 'rejectNow'>
  random?(): number
}): StatusReader {
  const random = deps.random ?? Math.random
  const knownBuyer = createKnownBuyers()
  const queryInBatch = createMicroBatcher<StateQuery, BuyerState>({
    keyOf: ({ buyer }) => buyer,
    itemsMax: QUERIES_MAX,
    send: (sale, queries) => readBuyerStates(deps.line, sale, queries),
  })

  /** Returns the interval exactly as sent: presence is computed from it. A closed sale may be reopened. */
  const intervalMs = (snapshot: Snapshot, rank: number): number =>
    snapshot.publicState === 'closed' ? pollAfterOverMs(random()) : pollAfterMs(snapshot, rank, random())

  const ended = (snapshot: Snapshot) => ({
    saleState: snapshot.publicState,
    position: null,
    etaSeconds: null,
    pollAfterMs: pollAfterOverMs(random()),
    snapshot: snapshot.number,
  })

  const waiting = (
    snapshot: Snapshot,
    sent: { buyer: KnownBuyer; place: number; position: number; pollMs: number; number: number },
  ): TicketStatus => {
    if (snapshot.publicState === 'closed') return { state: 'closed', ...ended(snapshot), snapshot: sent.number }
    const { returners } = snapshot
    const position = recordSent(sent.buyer, sent.place, {
      position: sent.position,
      returners,
      isTakenAsRead: snapshot.publicState === 'recovering' || isBeforeLine(snapshot, sent.place),
    })
    return {
      state: 'waiting',
      saleState: snapshot.publicState,
      position,
      etaSeconds: etaSeconds(snapshot, position - 1),
      pollAfterMs: sent.pollMs,
      snapshot: sent.number,
      returners,
      ...(snapshot.supply !== undefined && { supply: snapshot.supply }),
    }
  }

  const fromSnapshot: StatusReader['fromSnapshot'] = (sale, holder) => {
    const { snapshot } = sale
    const buyer = knownBuyer(holder)
    const place = holder.place || buyer.place
    if (place === 0) return undefined
    if (buyer.left === place) return { state: 'left', ...ended(snapshot) }
    if (place <= snapshot.restoreBelow && buyer.claimedAfter !== snapshot.restoreBelow) return undefined
    const rank = rankOf(snapshot, place)
    if (rank < redisLookupWindow(snapshot)) return undefined
    const pollMs = intervalMs(snapshot, rank)
    if (isInWindow(sale, place))
      deps.presence.note(sale.id, { buyer: holder.buyer, place, presentMs: presentMs(pollMs) })
    return waiting(snapshot, { buyer, place, position: rank + 1, pollMs, number: snapshot.number })
  }

  const admitted: StatusReader['admitted'] = ({ id, snapshot }, slot) => ({
    state: 'admitted',
    ...ended(snapshot),
    ...deps.signAdmission(id, slot),
    extensions: extensionsOf(snapshot, slot),
  })

  const queryRedis = async (sale: CachedSale, holder: TicketHolder, present: number): Promise<BuyerState> => {
    const query = { buyer: holder.buyer, place: holder.place, presentMs: present, idToken: holder.idToken }
    const state = await queryInBatch(sale.id, query)
    if (state.kind !== 'missing' && state.kind !== 'lost') return state
    if (!(await deps.sales.restore(sale.id, state.kind))) throw new AppError('not-found')
    await deps.sales.refresh(sale.id)
    return await queryInBatch(sale.id, query)
  }

  /** Reads a buyer's state from Redis, and notes it as present until its next poll is due. */
  const queryPresent = async (sale: CachedSale, holder: TicketHolder) => {
    const buyer = knownBuyer(holder)
    const place = holder.place || buyer.place
    const rank = place === 0 ? 0 : rankOf(sale.snapshot, place)
    const pollMs = intervalMs(sale.snapshot, rank)
    const state = await queryRedis(sale, { ...holder, place }, presentMs(pollMs))
    if (state.kind === 'missing' || state.kind === 'lost') throw redisUnavailable()
    return { buyer, pollMs, state }
  }

  const fromRedis: StatusReader['fromRedis'] = async (sale, holder) => {
    const { buyer, pollMs, state } = await queryPresent(sale, holder)
    const { snapshot } = sale
    switch (state.kind) {
      case 'waiting': {
        buyer.place = state.place
        if (snapshot.restoreBelow > 0) buyer.claimedAfter = snapshot.restoreBelow
        const { place, position, nowMs: number } = state
        return waiting(snapshot, { buyer, place, position, pollMs, number })
      }
      case 'admitted':
        // Buyers get a pass here and by `findTurn` only.
        await deps.revocations.rejectNow(holder)
        return { ...admitted(sale, state.slot), snapshot: state.nowMs }
      case 'over':
        return { state: state.ending, ...ended(snapshot), snapshot: state.nowMs }
      case 'none':
        throw new AppError('ticket-missing', { detail: 'You have no place in this line; join it first.' })
    }
  }

  const findTurn: StatusReader['findTurn'] = async (sale, holder) => {
    const { state } = await queryPresent(sale, holder)
    if (state.kind !== 'admitted' || admissionExpiresAtMs(state.slot.deadlineMs) <= state.nowMs) return undefined
    await deps.revocations.rejectNow(holder)
    return state.slot
  }

  const read: StatusReader['read'] = (sale, holder) => {
    const known = fromSnapshot(sale, holder)
    if (known !== undefined) return { status: known, source: 'snapshot' }
    return fromRedis(sale, holder).then((status) => ({ status, source: 'redis' }))
  }

  return {
    read,
    fromSnapshot,
    fromRedis,
    admitted,
    findTurn,
    over: ({ snapshot }, ending) => ({ state: ending, ...ended(snapshot) }),
    noteLeavers: (sale, news) => {
      for (const { kind, buyer, place } of news)
        if (kind === 'left' && buyer !== undefined && place !== undefined) {
          const leaver = knownBuyer({ sale, buyer })
          leaver.left = place
          leaver.place = 0
        }
    },
    findPlace: async (sale, holder) => {
      const known = holder.place || knownBuyer(holder).place
      if (known > 0) return known
      const state = await queryRedis(sale, holder, presentMs(0))
      return state.kind === 'waiting' ? state.place : state.kind === 'admitted' ? state.slot.place : 0
    },
    recordPosition: (holder, read) => {
      const buyer = knownBuyer(holder)
      buyer.place = holder.place
      return recordSent(buyer, holder.place, read)
    },
  }
}
