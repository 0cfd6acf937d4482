import { joinKey, saleId, type TicketStatus } from '@floodgate/contracts'
import {
  andThen,
  EMPTY_BODY,
  type NowOrLater,
  parseOrThrow,
  type RefuseForeignOrigin,
  type ResponseParts,
  type Route,
  type RouteRequest,
} from '@floodgate/http'
import { AppError } from '@floodgate/runtime'
import type { OpenAPIHono } from '@hono/zod-openapi'
import { requireSale } from '../sales/find-sale.ts'
import type { LiveSale, LiveSales } from '../sales/sale-cache.ts'
import type { BuyerCookie } from '../tokens/buyer-cookie.ts'
import { type Bearer, credentialsOf, type Identify } from '../tokens/identify.ts'
import type { Join, Joiner } from './join.ts'
import type { Leave } from './leave.ts'
import { pollAnswer } from './poll-answer.ts'
import type { PollLimit } from './poll-limit.ts'
import type { StatusReader, StatusReading } from './read-status.ts'

const joinPath = '/sales/:sale/tickets'
const pollPath = '/sales/:sale/ticket'

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
  function joinerOf(sale: string, { headers, client }: RouteRequest): NowOrLater<Joiner> {
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
    {
      method: 'POST',
      path: joinPath,
      handle: (request) => {
        const id = parseOrThrow(saleId, request.parameter)
        deps.refuseForeignOrigin(request.headers)
        return andThen(request.json(EMPTY_BODY, { optional: true }), () =>
          andThen(joinerOf(id, request), (joiner) => thenForget(joiner.bearer, deps.join(joiner))),
        )
      },
    },
    {
      method: 'GET',
      path: pollPath,
      handle: ({ parameter, headers }) =>
        andThen(requireSale(sales, parameter), (sale) =>
          andThen(identify(sale.id, credentialsOf(headers)), (bearer) => poll(sale, bearer)),
        ),
    },
    {
      method: 'DELETE',
      path: pollPath,
      handle: ({ parameter, headers }) =>
        andThen(requireSale(sales, parameter), ({ id }) => {
          deps.refuseForeignOrigin(headers)
          return andThen(identify(id, credentialsOf(headers)), (bearer) => thenForget(bearer, deps.leave(bearer)))
        }),
    },
  ]
}

/** Only Hono serves it: the answer to a socket's address asked without an upgrade. */
export function mountLiveRefusal(app: OpenAPIHono): void {
  app.get('/sales/:sale/live', () => {
    throw new AppError('upgrade-required', { headers: { upgrade: 'websocket' } })
  })
}
