import { joinAnswer, joinKey, problemBody, saleId, ticketStatus } from '@floodgate/contracts'
import {
  AppError,
  andThen,
  EMPTY_BODY,
  type NowOrLater,
  type PlainAnswer,
  parseOrRefuse,
  type RefuseForeignOrigin,
  type Route,
  type RouteRequest,
} from '@floodgate/service'
import { type OpenAPIHono, z } from '@hono/zod-openapi'
import type { RoomMetrics } from '../room-metrics.ts'
import { requireSale } from '../sales/find-sale.ts'
import type { LiveSale, LiveSales } from '../sales/live-sales.ts'
import { pollAnswer } from '../status/poll-answer.ts'
import type { PollLimit } from '../status/poll-limit.ts'
import type { StatusReader } from '../status/read-status.ts'
import type { BuyerCookie } from './buyer-cookie.ts'
import { type Bearer, credentialsOf, type Identify } from './identify.ts'
import type { Join, Joiner } from './join.ts'
import type { Leave } from './leave.ts'

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
  readonly metrics: RoomMetrics
  readonly refuseForeignOrigin: RefuseForeignOrigin
}

/** Joining, polling and leaving: nearly all requests of a sale, served by the fast path (ADR 0013). */
export function ticketRoutes(deps: TicketRouteDeps): readonly Route[] {
  const { sales, cookie, identify, status, polls, metrics } = deps

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
    const buyer = cookie.buyerOfKey(sale, parseOrRefuse(joinKey, key))
    return { bearer: { sale, buyer, place: 0 }, by: 'key', client }
  }

  function poll(sale: LiveSale, bearer: Bearer): NowOrLater<PlainAnswer> {
    return andThen(
      polls.answer(bearer, () => status.read(sale, bearer)),
      ({ status: told, asked }) => {
        metrics.countPoll(told.state, asked)
        return pollAnswer(told)
      },
    )
  }

  /** A poll after it must not get an answer from before it. */
  function thenForget(bearer: Bearer, answer: Promise<PlainAnswer>): Promise<PlainAnswer> {
    return answer.finally(() => polls.forget(bearer))
  }

  return [
    {
      method: 'POST',
      path: joinPath,
      handle: (request) => {
        const id = parseOrRefuse(saleId, request.parameter)
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

/** What of the tickets only Hono serves: the answer to a socket's address asked without an upgrade, and the OpenAPI. */
export function mountTicketDocuments(app: OpenAPIHono): void {
  app.get('/sales/:sale/live', () => {
    throw new AppError('upgrade-required', { headers: { upgrade: 'websocket' } })
  })
  documentTickets(app)
}

const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: problemBody } },
})
const unknownSale = { 404: problem('`not-found`'), 503: problem('`unavailable`, with `Retry-After`') }

const documentTickets = (app: OpenAPIHono) => {
  const params = z.object({ sale: saleId })
  const json = <Schema extends z.ZodType>(schema: Schema, description: string) => ({
    description,
    content: { 'application/json': { schema } },
  })
  const tags = ['line']
  const status = json(ticketStatus, 'How the buyer stands')
  app.openAPIRegistry.registerPath({
    method: 'post',
    path: '/sales/{sale}/tickets',
    tags,
    request: { params, headers: z.object({ 'idempotency-key': joinKey.optional() }) },
    description:
      'The cookies of the buyer, a ticket as bearer or an `Idempotency-Key` name the buyer; without any it is a new one. ' +
      'Sets the cookie of the ticket, for this sale, and for a new buyer its own.',
    responses: {
      ...unknownSale,
      200: json(joinAnswer, 'The place the buyer has'),
      201: json(joinAnswer, 'A new place'),
      400: problem('`invalid-request`'),
      401: problem('`ticket-invalid`'),
      403: problem('`origin-refused`: a page of another site sent it'),
      409: problem('`sale-not-open`, with `Retry-After`'),
      410: problem('`sale-closed`'),
      413: problem('`too-large`'),
      415: problem('`wrong-media-type`, also for an empty form'),
      429: problem('`too-many-requests`: new places per client address, with `Retry-After` and `RateLimit`'),
      503: problem('`line-full`, `unavailable`, with `Retry-After`'),
    },
  })
  app.openAPIRegistry.registerPath({
    method: 'get',
    path: '/sales/{sale}/ticket',
    tags,
    request: { params },
    description:
      'Earlier than half of `pollAfterMs` it gets the last answer again, with what is left of the interval; after ten of ' +
      'those (`POLLS_EARLY_MAX`) 429.',
    responses: {
      ...unknownSale,
      200: status,
      401: problem('`ticket-missing`, `ticket-invalid`'),
      429: problem('`too-many-requests`: polls of this ticket, with `Retry-After` and `RateLimit`'),
    },
  })
  app.openAPIRegistry.registerPath({
    method: 'delete',
    path: '/sales/{sale}/ticket',
    tags,
    request: { params },
    responses: {
      ...unknownSale,
      204: { description: 'Out of the line, or the slot given back; the cookie of the ticket is cleared' },
      401: problem('`ticket-missing`, `ticket-invalid`'),
      403: problem('`origin-refused`: a page of another site sent it'),
    },
  })
  app.openAPIRegistry.registerPath({
    method: 'get',
    path: '/sales/{sale}/live',
    tags,
    request: { params },
    responses: {
      101: { description: 'WebSocket `floodgate.v1`: the same message as the poll, on change' },
      429: problem('`too-many-sockets`: this ticket or this address has as many as it may'),
      503: problem('`busy`: this process has as many as it may, or `unavailable`'),
    },
  })
}
