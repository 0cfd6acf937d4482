import { joinKey, saleId, type TicketStatus, waitingRoomRoutes } from '@floodgate/contracts'
import {
  andThen,
  handle,
  type MaybePromise,
  parseOrThrow,
  type RejectForeignOrigin,
  type ResponseParts,
  type Route,
  type RouteRequest,
} from '@floodgate/http'
import { AppError } from '@floodgate/runtime'
import { type Identified, identifyUnrevoked, type Revocations } from '../identity/revocations.ts'
import type { VerifyIdToken } from '../identity/verify-id-token.ts'
import { requireSale } from '../sales/find-sale.ts'
import type { CachedSale, SaleCache } from '../sales/sale-cache.ts'
import type { BuyerCookie } from '../tokens/buyer-cookie.ts'
import { credentialsOf, type Identify, type TicketHolder } from '../tokens/identify.ts'
import { identityRequired, type Join, type Joiner } from './join.ts'
import type { Leave } from './leave.ts'
import type { PollLimit } from './poll-limit.ts'
import { pollResponse } from './poll-response.ts'
import type { StatusReader, StatusReading } from './read-status.ts'

export interface TicketRouteDeps {
  readonly sales: SaleCache
  readonly cookie: BuyerCookie
  readonly revocations: Pick<Revocations, 'reject' | 'rejectNow' | 'rejectToken'>
  readonly verifyIdToken: VerifyIdToken
  /** Called for a place that an account took while it was being revoked. */
  onRevoked(account: Identified): void
  readonly identify: Identify
  readonly join: Join
  readonly leave: Leave
  readonly status: StatusReader
  readonly polls: PollLimit
  /** Counts ID tokens at joining, and joins that lacked one: `accepted`, or the code of the problem. */
  countIdentity(outcome: string): void
  countPoll(state: TicketStatus['state'], asked: StatusReading['source']): void
  readonly rejectForeignOrigin: RejectForeignOrigin
}

/** Serves joining, polling and leaving: nearly all requests of a sale, on the fast path (ADR 0013). */
export function ticketRoutes(deps: TicketRouteDeps): readonly Route[] {
  const { sales, cookie, identify, revocations, status, polls } = deps
  const identifyAllowed = identifyUnrevoked(identify, revocations)
  const identifyLeaver = identifyUnrevoked(identify, { reject: revocations.rejectToken })

  /** Returns the account of an ID token. Whatever else the browser shows tells its place at most. */
  async function accountOf(
    { id: sale, snapshot }: CachedSale,
    idToken: string,
    { headers, client }: Pick<RouteRequest, 'headers' | 'client'>,
  ): Promise<Joiner> {
    if (snapshot.identity === null) throw new TypeError('The sale takes no ID tokens.')
    const account = await counted(deps.verifyIdToken(snapshot.identity, idToken))
    const place = identify.placeOf({ sale, buyer: account.buyer }, headers)
    return { holder: { sale, place, ...account }, by: 'account', client }
  }

  async function counted<Result>(checking: Promise<Result>): Promise<Result> {
    try {
      const result = await checking
      deps.countIdentity('accepted')
      return result
    } catch (error) {
      if (error instanceof AppError) deps.countIdentity(error.code)
      throw error
    }
  }

  /** Returns who joins. With an `identity` of the sale, an ID token goes before everything else. */
  function joinerOf(sale: CachedSale, request: Pick<RouteRequest, 'headers' | 'client'>): MaybePromise<Joiner> {
    const { identity } = sale.snapshot
    if (identity === null) return anonymousOf(sale.id, request)
    const idToken = request.headers['floodgate-identity']
    if (typeof idToken === 'string') return accountOf(sale, idToken, request)
    return andThen(anonymousOf(sale.id, request), (joiner) => {
      if (identity.mode === 'accepted') return joiner
      if (joiner.by === 'new') {
        deps.countIdentity('identity-required')
        throw identityRequired()
      }
      return { ...joiner, needsIdentity: true }
    })
  }

  /** Joins, and checks before and after that the account is not revoked: the process may have been stopped in between. */
  async function joinUnrevoked(joiner: Joiner): Promise<ResponseParts> {
    const { holder } = joiner
    await revocations.rejectNow(holder)
    const joined = await deps.join(joiner)
    try {
      await revocations.rejectNow(holder)
    } catch (error) {
      deps.onRevoked(holder)
      throw error
    }
    return joined
  }

  /** Returns the buyer of the ticket or the cookies, else that of the Idempotency-Key, else a new one. */
  function anonymousOf(
    sale: string,
    { headers, client }: Pick<RouteRequest, 'headers' | 'client'>,
  ): MaybePromise<Joiner> {
    const credentials = credentialsOf(headers)
    if (credentials.token !== undefined)
      return andThen(identify(sale, credentials), (holder) => ({ holder, by: 'ticket', client }))
    const identity = identify.byCookies(sale, credentials.cookie)
    if (identity.kind === 'buyer')
      return { holder: identity.holder, by: identity.hasBuyerCookie ? 'cookie' : 'ticket', client }
    const key = headers['idempotency-key']
    if (key === undefined) return { holder: { sale, buyer: cookie.newBuyer(), place: 0 }, by: 'new', client }
    const buyer = cookie.buyerOfKey(sale, parseOrThrow(joinKey, key))
    return { holder: { sale, buyer, place: 0 }, by: 'key', client }
  }

  function poll(sale: CachedSale, holder: TicketHolder): MaybePromise<ResponseParts> {
    return andThen(
      polls.respond(holder, () => status.read(sale, holder)),
      ({ status: told, source: asked }) => {
        deps.countPoll(told.state, asked)
        return pollResponse(told)
      },
    )
  }

  /** Forgets the last poll: a later poll must not get an earlier response. */
  function thenForget(holder: TicketHolder, response: Promise<ResponseParts>): Promise<ResponseParts> {
    return response.finally(() => polls.forget(holder))
  }

  return [
    handle(waitingRoomRoutes.join, function joinLine(request) {
      const id = parseOrThrow(saleId, request.parameter)
      deps.rejectForeignOrigin(request.headers)
      return andThen(request.body(), () =>
        andThen(requireSale(sales, id), (sale) =>
          andThen(joinerOf(sale, request), (joiner) =>
            thenForget(joiner.holder, joiner.holder.idToken === undefined ? deps.join(joiner) : joinUnrevoked(joiner)),
          ),
        ),
      )
    }),
    handle(waitingRoomRoutes.poll, function pollTicket({ parameter, headers }) {
      return andThen(requireSale(sales, parameter), (sale) =>
        andThen(identifyAllowed(sale.id, credentialsOf(headers)), (holder) => poll(sale, holder)),
      )
    }),
    handle(waitingRoomRoutes.leave, function leaveLine({ parameter, headers }) {
      return andThen(requireSale(sales, parameter), ({ id }) => {
        deps.rejectForeignOrigin(headers)
        return andThen(identifyLeaver(id, credentialsOf(headers)), (holder) => thenForget(holder, deps.leave(holder)))
      })
    }),
  ]
}
