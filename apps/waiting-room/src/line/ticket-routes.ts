import { joinKey, saleId, type TicketStatus, waitingRoomRoutes } from '@floodgate/contracts'
import {
  andThen,
  handle,
  type MaybePromise,
  parseOrThrow,
  type RefuseForeignOrigin,
  type ResponseParts,
  type Route,
  type RouteRequest,
} from '@floodgate/http'
import { requireSale } from '../sales/find-sale.ts'
import type { CachedSale, SaleCache } from '../sales/sale-cache.ts'
import type { BuyerCookie } from '../tokens/buyer-cookie.ts'
import { credentialsOf, type Identify, type TicketHolder } from '../tokens/identify.ts'
import type { Join, Joiner } from './join.ts'
import type { Leave } from './leave.ts'
import { pollAnswer } from './poll-answer.ts'
import type { PollLimit } from './poll-limit.ts'
import type { StatusReader, StatusReading } from './read-status.ts'

export interface TicketRouteDeps {
  readonly sales: SaleCache
  readonly cookie: BuyerCookie
  readonly identify: Identify
  readonly join: Join
  readonly leave: Leave
  readonly status: StatusReader
  readonly polls: PollLimit
  countPoll(state: TicketStatus['state'], asked: StatusReading['source']): void
  readonly refuseForeignOrigin: RefuseForeignOrigin
}

/** Serves joining, polling and leaving: nearly all requests of a sale, on the fast path (ADR 0013). */
export function ticketRoutes(deps: TicketRouteDeps): readonly Route[] {
  const { sales, cookie, identify, status, polls } = deps

  /** Returns the buyer of the ticket or the cookies, else that of the Idempotency-Key, else a new one. */
  function joinerOf(sale: string, { headers, client }: Pick<RouteRequest, 'headers' | 'client'>): MaybePromise<Joiner> {
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
      polls.answer(holder, () => status.read(sale, holder)),
      ({ status: told, source: asked }) => {
        deps.countPoll(told.state, asked)
        return pollAnswer(told)
      },
    )
  }

  /** Forgets the last poll: a later poll must not get an earlier response. */
  function thenForget(holder: TicketHolder, answer: Promise<ResponseParts>): Promise<ResponseParts> {
    return answer.finally(() => polls.forget(holder))
  }

  return [
    handle(waitingRoomRoutes.join, function joinLine(request) {
      const id = parseOrThrow(saleId, request.parameter)
      deps.refuseForeignOrigin(request.headers)
      return andThen(request.body(), () =>
        andThen(joinerOf(id, request), (joiner) => thenForget(joiner.holder, deps.join(joiner))),
      )
    }),
    handle(waitingRoomRoutes.poll, function pollTicket({ parameter, headers }) {
      return andThen(requireSale(sales, parameter), (sale) =>
        andThen(identify(sale.id, credentialsOf(headers)), (holder) => poll(sale, holder)),
      )
    }),
    handle(waitingRoomRoutes.leave, function leaveLine({ parameter, headers }) {
      return andThen(requireSale(sales, parameter), ({ id }) => {
        deps.refuseForeignOrigin(headers)
        return andThen(identify(id, credentialsOf(headers)), (holder) => thenForget(holder, deps.leave(holder)))
      })
    }),
  ]
}
