import { idempotencyKey, joinAnswer, saleId, ticketStatus } from '@floodgate/contracts'
import { AppError, andThen, type NowOrLater, parseOrRefuse, type Route, type RouteRequest } from '@floodgate/service'
import { type OpenAPIHono, z } from '@hono/zod-openapi'
import type { RoomMetrics } from '../room-metrics.ts'
import { requireSale } from '../sales/find-sale.ts'
import type { LiveSale, LiveSales } from '../sales/live-sales.ts'
import { pollAnswer } from '../status/poll-answer.ts'
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
  readonly metrics: RoomMetrics
}

/** Joining, polling and leaving: nearly all requests of a sale, served by the fast path (ADR 0013). */
export function ticketRoutes(deps: TicketRouteDeps): readonly Route[] {
  const { sales, cookie, identify, status, metrics } = deps

  /** The ticket's or the cookie's buyer, else the one of the Idempotency-Key, else a new one. */
  function joinerOf(sale: string, { headers, client }: RouteRequest): NowOrLater<Joiner> {
    const joiner = (buyer: string, isNew: boolean) => ({ bearer: { sale, buyer, place: 0 }, isNew, client })
    const credentials = credentialsOf(headers)
    if (credentials.token !== undefined)
      return andThen(identify(sale, credentials), (bearer) => ({ bearer, isNew: false, client }))
    const known = cookie.read(credentials.cookie)
    if (known.kind === 'buyer') return joiner(known.buyer, false)
    const key = headers['idempotency-key']
    if (key === undefined) return joiner(cookie.newBuyer(), true)
    return joiner(cookie.buyerOfKey(sale, parseOrRefuse(idempotencyKey, key)), false)
  }

  function poll(sale: LiveSale, bearer: Bearer): NowOrLater<ReturnType<typeof pollAnswer>> {
    return andThen(status.read(sale, bearer), ({ status: told, asked }) => {
      metrics.countPoll(told.state, asked)
      return pollAnswer(told)
    })
  }

  return [
    {
      method: 'POST',
      path: joinPath,
      handle: (request) => {
        const id = parseOrRefuse(saleId, request.parameter)
        return andThen(request.json(z.strictObject({}), { optional: true }), () =>
          andThen(joinerOf(id, request), deps.join),
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
        andThen(requireSale(sales, parameter), ({ id }) => andThen(identify(id, credentialsOf(headers)), deps.leave)),
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
    request: { params, headers: z.object({ 'idempotency-key': idempotencyKey.optional() }) },
    responses: { 200: json(joinAnswer, 'The place the buyer has'), 201: json(joinAnswer, 'A new place') },
  })
  app.openAPIRegistry.registerPath({
    method: 'get',
    path: '/sales/{sale}/ticket',
    tags,
    request: { params },
    responses: { 200: status },
  })
  app.openAPIRegistry.registerPath({
    method: 'delete',
    path: '/sales/{sale}/ticket',
    tags,
    request: { params },
    responses: { 204: { description: 'Out of the line, or the slot given back' } },
  })
  app.openAPIRegistry.registerPath({
    method: 'get',
    path: '/sales/{sale}/live',
    tags,
    request: { params },
    responses: {
      101: { description: 'WebSocket `floodgate.v1`: the same message as the poll, on change' },
    },
  })
}
