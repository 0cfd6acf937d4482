import { idempotencyKey, joinAnswer, saleId, ticketStatus } from '@floodgate/contracts'
import { AppError, answerPlainly, bearerToken, parseOrRefuse, readJsonBody } from '@floodgate/service'
import { type OpenAPIHono, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { RoomMetrics } from '../room-metrics.ts'
import { findSaleOrRefuse } from '../sales/find-sale.ts'
import type { LiveSales } from '../sales/live-sales.ts'
import { pollAnswer } from '../status/poll-answer.ts'
import type { StatusReader } from '../status/read-status.ts'
import type { BuyerCookie } from './buyer-cookie.ts'
import { joinPath, pollPath } from './hot-ticket-routes.ts'
import type { Identify } from './identify.ts'
import type { Join } from './join.ts'
import type { Leave } from './leave.ts'

export interface TicketRouteDeps {
  readonly sales: LiveSales
  readonly cookie: BuyerCookie
  readonly identify: Identify
  readonly join: Join
  readonly leave: Leave
  readonly status: StatusReader
  readonly metrics: RoomMetrics
}

const shownBy = (c: Context) => {
  const authorization = c.req.header('authorization')
  const token = bearerToken(authorization)
  // A header that is there and is no bearer token is a wrong ticket, not a missing one.
  if (authorization !== undefined && token === undefined) throw new AppError('ticket-invalid')
  return { token, cookie: c.req.header('cookie') }
}

/** Who joins: the ticket's or the cookie's buyer, else the one of the Idempotency-Key, else a new one. */
const joiningBuyer = async (c: Context, { identify, cookie }: TicketRouteDeps, sale: string) => {
  const shown = shownBy(c)
  if (shown.token !== undefined) return await identify(sale, shown)
  const known = cookie.read(shown.cookie)
  if (known.kind === 'buyer') return { sale, buyer: known.buyer, place: 0 }
  const key = c.req.header('idempotency-key')
  if (key === undefined) return { sale, buyer: cookie.newBuyer(), place: 0 }
  return { sale, buyer: cookie.buyerOfKey(sale, parseOrRefuse(idempotencyKey, key)), place: 0 }
}

export const mountTicketRoutes = (app: OpenAPIHono, deps: TicketRouteDeps): void => {
  const { sales, status, metrics } = deps

  app.post(joinPath, async (c) => {
    const id = parseOrRefuse(saleId, c.req.param('sale'))
    await readJsonBody(c, z.strictObject({}), { optional: true })
    return answerPlainly(c, await deps.join(await joiningBuyer(c, deps, id)))
  })

  app.get(pollPath, async (c) => {
    const id = parseOrRefuse(saleId, c.req.param('sale'))
    const sale = await findSaleOrRefuse(sales, id)
    const bearer = await deps.identify(id, shownBy(c))
    const answer = await status.read(sale, bearer)
    metrics.countPoll(answer.status.state, answer.asked)
    return answerPlainly(c, pollAnswer(answer.status))
  })

  app.delete(pollPath, async (c) => {
    const id = parseOrRefuse(saleId, c.req.param('sale'))
    await findSaleOrRefuse(sales, id)
    return answerPlainly(c, await deps.leave(await deps.identify(id, shownBy(c))))
  })

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
