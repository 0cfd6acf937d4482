import { createMicroBatcher } from '@floodgate/async'
import type { JoinResponse } from '@floodgate/contracts'
import type { CountLimited, EnforcedLimit, ResponseParts } from '@floodgate/http'
import { AppError } from '@floodgate/runtime'
import type { LineRedis } from '../redis/line-redis.ts'
import type { NotThere } from '../redis/replies.ts'
import { findSaleOrThrow, unknownSale } from '../sales/find-sale.ts'
import { onKnownLine } from '../sales/on-known-line.ts'
import type { CachedSale, SaleCache } from '../sales/sale-cache.ts'
import { etaSeconds, pollAfterMs } from '../snapshot/poll-policy.ts'
import { isBeforeLine } from '../snapshot/position.ts'
import type { BuyerCookie } from '../tokens/buyer-cookie.ts'
import type { TicketHolder } from '../tokens/identify.ts'
import type { TicketCookie } from '../tokens/ticket-cookie.ts'
import type { Tickets } from '../tokens/tickets.ts'
import { JOINERS_MAX, type JoinOutcome, type JoinRequest, joinAll } from './join-all.ts'
import { retryAfter } from './poll-response.ts'
import type { StatusReader } from './read-status.ts'

export interface Joiner {
  readonly holder: TicketHolder
  /**
   * The credential that identified the buyer. `new`: created for this request, so it cannot have a place. Only a buyer
   * with the buyer's cookie, or one that the sale has not seen before, gets that cookie: it is valid in every sale, a
   * ticket or a key in one. An account gets a cookie of its own.
   */
  readonly by: 'new' | 'cookie' | 'key' | 'ticket' | 'account'
  /** The sale requires an ID token for a new place, and none was sent: only a place that the buyer has is found. */
  readonly needsIdentity?: boolean
  /** Names the client for the limit of new places. */
  readonly client: string
}

/** Lets a buyer join; throws the problem when it cannot. */
export type Join = (joiner: Joiner) => Promise<ResponseParts>

export interface JoinDeps {
  readonly line: LineRedis
  readonly sales: SaleCache
  readonly tickets: Tickets
  readonly cookie: BuyerCookie
  readonly accountCookie: BuyerCookie
  readonly ticketCookie: TicketCookie
  readonly status: StatusReader
  countJoin(outcome: Placed['kind']): void
  /** Limit of new places by client. */
  readonly newPlaces: EnforcedLimit
  /** Maximum number of waiting places of a sale; 0 is no bound. */
  readonly waitingMax: number
  readonly countLimited: CountLimited
  onJoined(sale: string, joined: Joined): void
}

/** A new place. */
export interface Joined {
  readonly buyer: string
  readonly place: number
  /** When the request began, by `performance.now()`. */
  readonly startedMs: number
}

type Placed = Extract<JoinOutcome, { readonly place: number }>

/** A full line moves at the sale's rate, so it has room again soon; for how many buyers is unknown. */
const FULL_RETRY_SECONDS = 30

export function identityRequired(): AppError {
  return new AppError('identity-required', {
    detail: 'A new place in this line needs an ID token of the shop, in the header Floodgate-Identity.',
  })
}

/** The caller, which knows the client, handles 'limited'. */
const assertJoined = (joined: Exclude<JoinOutcome, NotThere>): Placed | { readonly kind: 'limited' } => {
  switch (joined.kind) {
    case 'limited':
      return { kind: 'limited' }
    case 'full':
      throw new AppError('line-full', {
        detail: 'No more buyers can wait for this sale at the moment. Places in line are kept; try again later.',
        retryAfterSeconds: FULL_RETRY_SECONDS,
      })
    case 'not-open':
      throw new AppError('sale-not-open', { retryAfterSeconds: 5 })
    case 'closed':
      throw new AppError('sale-closed')
    default:
      return joined
  }
}

export function createJoin(deps: JoinDeps): Join {
  const { sales, status } = deps
  const joinInBatch = createMicroBatcher<JoinRequest, JoinOutcome>({
    keyOf: ({ buyer }) => buyer,
    itemsMax: JOINERS_MAX,
    send: (sale, joining) => joinAll(deps.line, sale, joining, { waitingMax: deps.waitingMax }),
  })

  const place = async ({ sale, buyer, place: claimedPlace }: TicketHolder, mayBeNew: boolean) => {
    const joining = { buyer, claimedPlace, mayBeNew }
    const joined = await onKnownLine(sales, sale, () => joinInBatch(sale, joining))
    if (joined === undefined) throw unknownSale()
    return assertJoined(joined)
  }

  const buildJoinResponse = (
    { id, snapshot }: CachedSale,
    { kind, place, position }: Placed,
    { holder, by }: Joiner,
  ): ResponseParts => {
    const { buyer } = holder
    const signed = deps.tickets.sign({ ...holder, sale: id, place }, snapshot.closesAtMs)
    const getsBuyerCookie = by === 'new' || by === 'cookie' || (by === 'key' && kind === 'joined')
    const framed = snapshot.frameOrigins.length > 0
    const pollMs = pollAfterMs(snapshot, position - 1, Math.random())
    const body: JoinResponse = {
      ticket: signed.token,
      place,
      position,
      etaSeconds: etaSeconds(snapshot, position - 1),
      pollAfterMs: pollMs,
      // The script is newer than the snapshot: a sale that accepts joins is no longer scheduled.
      saleState: snapshot.publicState === 'scheduled' ? 'open' : snapshot.publicState,
    }
    return {
      status: kind === 'joined' ? 201 : 200,
      headers: {
        'content-type': 'application/json',
        'cache-control': 'no-store',
        'retry-after': retryAfter(pollMs),
      },
      cookies: [
        ...(getsBuyerCookie ? [deps.cookie.write(buyer, { framed })] : []),
        ...(by === 'account' ? [deps.accountCookie.write(buyer, { framed })] : []),
        deps.ticketCookie.write(id, signed, { framed }),
      ],
      body: JSON.stringify(body),
    }
  }

  /** Finds a place that the buyer has; throws `identity-required` where it would be a new one. */
  const findPlace = async (holder: TicketHolder): Promise<Placed> => {
    const placed = await place(holder, false)
    if (placed.kind === 'limited') throw identityRequired()
    return placed
  }

  /** Counts only new places against the client's limit. */
  const placeWithinLimit = async ({ holder, by, client, needsIdentity = false }: Joiner): Promise<Placed> => {
    if (needsIdentity) return await findPlace(holder)
    const isReserved = deps.newPlaces.tryTake(client)
    if (!isReserved && by === 'new') throw deps.newPlaces.problem(client)
    let kind: string | undefined
    try {
      const placed = await place(holder, isReserved)
      kind = placed.kind
      if (placed.kind === 'limited') throw deps.newPlaces.problem(client)
      return placed
    } catch (error) {
      if (error instanceof AppError && error.code === 'line-full') deps.countLimited('line-full')
      throw error
    } finally {
      if (isReserved && kind !== 'joined') deps.newPlaces.giveBack(client)
    }
  }

  return async function join(joiner) {
    const startedMs = performance.now()
    const { sale: id, buyer } = joiner.holder
    const placed = await placeWithinLimit(joiner)
    const sale = sales.peek(id) ?? (await findSaleOrThrow(sales, id))
    deps.countJoin(placed.kind)
    if (placed.kind === 'joined') deps.onJoined(id, { buyer, place: placed.place, startedMs })
    sales.recordPlace(id, placed.place)
    const { returners } = sale.snapshot
    const position = status.recordPosition(
      { sale: id, buyer, place: placed.place },
      { position: placed.position, returners, isTakenAsRead: isBeforeLine(sale.snapshot, placed.place) },
    )
    return buildJoinResponse(sale, { ...placed, position }, joiner)
  }
}
