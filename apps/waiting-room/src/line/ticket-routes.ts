import { joinKey, saleId, type TicketStatus, waitingRoomRoutes } from '@floodgate/contracts'
import {
  andThen,
  handle,
  type NowOrLater,
  parseOrThrow,
  type RefuseForeignOrigin,
  type ResponseParts,
  type Route,
  type RouteRequest,
} from '@floodgate/http'
import { requireSale } from '../sales/find-sale.ts'
import type { LiveSale, LiveSales } from '../sales/sale-cache.ts'
import type { BuyerCookie } from '../tokens/buyer-cookie.ts'
import { type Bearer, credentialsOf, type Identify } from '../tokens/identify.ts'
import type { Join, Joiner } from './join.ts'
import type { Leave } from './leave.ts'
import { pollAnswer } from './poll-answer.ts'
import type { PollLimit } from './poll-limit.ts'
import type { StatusReader, StatusReading } from './read-status.ts'

export interface TicketRouteDeps {
  readonly sales: LiveSales
  readonly cookie: BuyerCookie
  readonly identify: Identify
  readonly join: Join
  readonly leave: Leave
  readonly status: StatusReader
  readonly polls: PollLimit
  countPoll(state: TicketStatus['state'], asked: StatusReading['asked']): void
  readonly refuseForeignOrigin: RefuseForeignOrigin
}

/** Joining, polling and leaving: nearly all requests of a sale, served by the fast path (ADR 0013). */
export function ticketRoutes(deps: TicketRouteDeps): readonly Route[] {
  const { sales, cookie, identify, status, polls } = deps

  /** The ticket's or the cookies' buyer, else the one of the Idempotency-Key, else a new one. */
  function joinerOf(sale: string, { headers, client }: Pick<RouteRequest, 'headers' | 'client'>): NowOrLater<Joiner> {
    const credentials = credentialsOf(headers)
    if (credentials.token !== undefined)
      return andThen(identify(sale, credentials), (bearer) => ({ bearer, by: 'ticket', client }))
    const identity = identify.byCookies(sale, credentials.cookie)
    if (identity.kind === 'buyer')
      return { bearer: identity.bearer, by: identity.hasBuyerCookie ? 'cookie' : 'ticket', client }
    const key = headers['idempotency-key']
    if (key === undefined) return { bearer: { sale, buyer: cookie.newBuyer(), place: 0 }, by: 'new', client }
    const buyer = cookie.buyerOfKey(sale, parseOrThrow(joinKey, key))
    return { bearer: { sale, buyer, place: 0 }, by: 'key', client }
  }

  function poll(sale: LiveSale, bearer: Bearer): NowOrLater<ResponseParts> {
    return andThen(
      polls.answer(bearer, () => status.read(sale, bearer)),
      ({ status: told, asked }) => {
        deps.countPoll(told.state, asked)
        return pollAnswer(told)
      },
    )
  }

  /** A poll after it must not get an answer from before it. */
  function thenForget(bearer: Bearer, answer: Promise<ResponseParts>): Promise<ResponseParts> {
    return answer.finally(() => polls.forget(bearer))
  }

  return [
    handle(waitingRoomRoutes.join, function joinLine(request) {
      const id = parseOrThrow(saleId, request.parameter)
      deps.refuseForeignOrigin(request.headers)
      return andThen(request.body(), () =>
        andThen(joinerOf(id, request), (joiner) => thenForget(joiner.bearer, deps.join(joiner))),
      )
    }),
    handle(waitingRoomRoutes.poll, function pollTicket({ parameter, headers }) {
      return andThen(requireSale(sales, parameter), (sale) =>
        andThen(identify(sale.id, credentialsOf(headers)), (bearer) => poll(sale, bearer)),
      )
    }),
    handle(waitingRoomRoutes.leave, function leaveLine({ parameter, headers }) {
      return andThen(requireSale(sales, parameter), ({ id }) => {
        deps.refuseForeignOrigin(headers)
        return andThen(identify(id, credentialsOf(headers)), (bearer) => thenForget(bearer, deps.leave(bearer)))
      })
    }),
  ]
}
