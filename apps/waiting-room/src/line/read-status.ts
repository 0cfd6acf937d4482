import { createBoundedMap, createMicroBatcher } from '@floodgate/async'
import type { TicketStatus } from '@floodgate/contracts'
import type { NowOrLater } from '@floodgate/http'
import { AppError } from '@floodgate/runtime'
import type { LineRedis } from '../redis/line-redis.ts'
import { redisUnavailable } from '../redis/line-redis.ts'
import type { Slot } from '../redis/replies.ts'
import type { LiveSale, LiveSales } from '../sales/sale-cache.ts'
import { extensionsOf } from '../slots/extend-turn.ts'
import type { LogRecord } from '../snapshot/log-record.ts'
import { askedWindow, etaSeconds, pollAfterMs, pollAfterOverMs, presentMs } from '../snapshot/poll-policy.ts'
import { isBeforeLine, positionToShow, type ReadPosition, rankOf } from '../snapshot/position.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import type { Bearer } from '../tokens/identify.ts'
import type { PassOf } from '../tokens/sign-admission.ts'
import { ASKING_MAX, type Asking, readStandings, type Standing } from './buyer-state.ts'
import type { Presence } from './presence.ts'

export interface StatusReading {
  readonly status: TicketStatus
  /** What told it: `cached` is the answer to an earlier poll of the buyer. */
  readonly asked: 'snapshot' | 'redis' | 'cached'
}

export interface StatusReader {
  /** What a buyer is told: from the snapshot where that can tell, else by Redis. */
  read(sale: LiveSale, bearer: Bearer): NowOrLater<StatusReading>
  /** What a waiting buyer is told from the snapshot; undefined when Redis has to be asked. Takes note that the buyer is there. */
  fromSnapshot(sale: LiveSale, bearer: Bearer): TicketStatus | undefined
  /** What Redis knows: of those whose turn is near, and of a buyer this process does not know. Takes note that the buyer is there. */
  fromRedis(sale: LiveSale, bearer: Bearer): Promise<TicketStatus>
  admitted(sale: LiveSale, slot: Slot): TicketStatus
  over(sale: LiveSale, ending: 'finished' | 'expired' | 'left'): TicketStatus
  /** News of the sale's log: who left needs no longer be asked about. */
  learn(sale: string, news: readonly LogRecord[]): void
  /** The buyer's place when only a cookie told who it is; 0 when it has none. */
  place(sale: LiveSale, bearer: Bearer): Promise<number>
  /** Takes note of the place that a join told, and returns the position to show for it (see `positionToShow`). */
  showPlace(bearer: Bearer, read: ReadPosition): number
}

const BUYERS_MAX = 200_000
/** By an older snapshot the edge of the window may have moved on: the script decides. */
const SNAPSHOT_AGE_MS_MAX = 1_000

const isJudged = ({ snapshot, readAtMs }: LiveSale, place: number): boolean =>
  place <= snapshot.edge || performance.now() - readAtMs > SNAPSHOT_AGE_MS_MAX

/** What this process remembers of a buyer. */
interface Remembered {
  /** Known from its join or from Redis; 0 when it is not. */
  place: number
  /** The place it has left; 0 for none. */
  left: number
  /** Which loss of Redis its ticket has been shown after: until then Redis may not have it, wherever its place is. */
  shownAfter: number
  /** What was shown last for the place `shownOf`. */
  shown: ReadPosition | undefined
  shownOf: number
}

const rememberBuyers = () => {
  const buyers = createBoundedMap<Remembered>(BUYERS_MAX)
  return function remembered({ sale, buyer }: Pick<Bearer, 'sale' | 'buyer'>): Remembered {
    const key = `${sale} ${buyer}`
    const known = buyers.get(key)
    if (known !== undefined) return known
    const fresh: Remembered = { place: 0, left: 0, shownAfter: 0, shown: undefined, shownOf: 0 }
    buyers.set(key, fresh)
    return fresh
  }
}

const show = (buyer: Remembered, place: number, read: ReadPosition): number => {
  const position = positionToShow(buyer.shownOf === place ? buyer.shown : undefined, read)
  buyer.shown = { position, returners: read.returners }
  buyer.shownOf = place
  return position
}

export function createStatusReader(deps: {
  line: LineRedis
  sales: LiveSales
  passOf: PassOf
  presence: Presence
  random?(): number
}): StatusReader {
  const random = deps.random ?? Math.random
  const remembered = rememberBuyers()
  const askInBatch = createMicroBatcher<Asking, Standing>({
    keyOf: ({ buyer }) => buyer,
    itemsMax: ASKING_MAX,
    send: (sale, asking) => readStandings(deps.line, sale, asking),
  })

  /** The very interval that is given: presence is reckoned by it. A closed sale may be reopened. */
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
    shown: { buyer: Remembered; place: number; position: number; pollMs: number; number: number },
  ): TicketStatus => {
    if (snapshot.publicState === 'closed') return { state: 'closed', ...ended(snapshot), snapshot: shown.number }
    const { returners } = snapshot
    const position = show(shown.buyer, shown.place, {
      position: shown.position,
      returners,
      isTakenAsRead: snapshot.publicState === 'recovering' || isBeforeLine(snapshot, shown.place),
    })
    return {
      state: 'waiting',
      saleState: snapshot.publicState,
      position,
      etaSeconds: etaSeconds(snapshot, position - 1),
      pollAfterMs: shown.pollMs,
      snapshot: shown.number,
      returners,
    }
  }

  const fromSnapshot: StatusReader['fromSnapshot'] = (sale, bearer) => {
    const { snapshot } = sale
    const buyer = remembered(bearer)
    const place = bearer.place || buyer.place
    if (place === 0) return undefined
    if (buyer.left === place) return { state: 'left', ...ended(snapshot) }
    if (place <= snapshot.restoreBelow && buyer.shownAfter !== snapshot.restoreBelow) return undefined
    const rank = rankOf(snapshot, place)
    if (rank < askedWindow(snapshot)) return undefined
    const pollMs = intervalMs(snapshot, rank)
    if (isJudged(sale, place)) deps.presence.note(sale.id, { buyer: bearer.buyer, place, presentMs: presentMs(pollMs) })
    return waiting(snapshot, { buyer, place, position: rank + 1, pollMs, number: snapshot.number })
  }

  const admitted: StatusReader['admitted'] = ({ id, snapshot }, slot) => ({
    state: 'admitted',
    ...ended(snapshot),
    ...deps.passOf(id, slot),
    extensions: extensionsOf(snapshot, slot),
  })

  const ask = async (sale: LiveSale, bearer: Bearer, present: number): Promise<Standing> => {
    const asking = { buyer: bearer.buyer, place: bearer.place, presentMs: present }
    const standing = await askInBatch(sale.id, asking)
    if (standing.kind !== 'missing' && standing.kind !== 'lost') return standing
    if (!(await deps.sales.restore(sale.id, standing.kind))) throw new AppError('not-found')
    await deps.sales.refresh(sale.id)
    return await askInBatch(sale.id, asking)
  }

  const fromRedis: StatusReader['fromRedis'] = async (sale, bearer) => {
    const buyer = remembered(bearer)
    const place = bearer.place || buyer.place
    const rank = place === 0 ? 0 : rankOf(sale.snapshot, place)
    const pollMs = intervalMs(sale.snapshot, rank)
    const standing = await ask(sale, { ...bearer, place }, presentMs(pollMs))
    const { snapshot } = sale
    switch (standing.kind) {
      case 'waiting': {
        buyer.place = standing.place
        if (snapshot.restoreBelow > 0) buyer.shownAfter = snapshot.restoreBelow
        const { place, position, nowMs: number } = standing
        return waiting(snapshot, { buyer, place, position, pollMs, number })
      }
      case 'admitted':
        return { ...admitted(sale, standing.slot), snapshot: standing.nowMs }
      case 'over':
        return { state: standing.ending, ...ended(snapshot), snapshot: standing.nowMs }
      case 'none':
        throw new AppError('ticket-missing', { detail: 'You have no place in this line; join it first.' })
      default:
        throw redisUnavailable()
    }
  }

  const read: StatusReader['read'] = (sale, bearer) => {
    const known = fromSnapshot(sale, bearer)
    if (known !== undefined) return { status: known, asked: 'snapshot' }
    return fromRedis(sale, bearer).then((status) => ({ status, asked: 'redis' }))
  }

  return {
    read,
    fromSnapshot,
    fromRedis,
    admitted,
    over: ({ snapshot }, ending) => ({ state: ending, ...ended(snapshot) }),
    learn: (sale, news) => {
      for (const { kind, buyer, place } of news)
        if (kind === 'left' && buyer !== undefined && place !== undefined) {
          const leaver = remembered({ sale, buyer })
          leaver.left = place
          leaver.place = 0
        }
    },
    place: async (sale, bearer) => {
      const known = bearer.place || remembered(bearer).place
      if (known > 0) return known
      const standing = await ask(sale, bearer, presentMs(0))
      return standing.kind === 'waiting' ? standing.place : standing.kind === 'admitted' ? standing.slot.place : 0
    },
    showPlace: (bearer, read) => {
      const buyer = remembered(bearer)
      buyer.place = bearer.place
      return show(buyer, bearer.place, read)
    },
  }
}
