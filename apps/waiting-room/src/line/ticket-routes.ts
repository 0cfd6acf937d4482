import { idempotencyKey, joinAnswer, saleId, ticketStatus } from '@floodgate/contracts'
import { AppError, bearerToken, type Logger, parseOrRefuse, readJsonBody } from '@floodgate/service'
import { type OpenAPIHono, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { returnSlots } from '../admission/admission-scripts.ts'
import type { RoomMetrics } from '../room-metrics.ts'
import type { LiveSale, LiveSales } from '../sales/live-sales.ts'
import { etaSeconds, pollAfterMs } from '../status/poll-policy.ts'
import type { StatusReader } from '../status/read-status.ts'
import type { BuyerCookie } from './buyer-cookie.ts'
import type { Identify } from './identify.ts'
import type { LineRedis } from './line-redis.ts'
import { joinLine, leaveLine } from './line-scripts.ts'
import type { Tickets } from './tickets.ts'

export interface TicketRouteDeps {
  readonly line: LineRedis
  readonly sales: LiveSales
  readonly tickets: Tickets
  readonly cookie: BuyerCookie
  readonly identify: Identify
  readonly status: StatusReader
  readonly metrics: RoomMetrics
  readonly log: Logger
  readonly onJoined: (sale: string, buyer: string) => void
}

export const findSaleOrRefuse = async (sales: LiveSales, id: string): Promise<LiveSale> => {
  const sale = await sales.find(id)
  if (sale === undefined) throw new AppError('not-found', { detail: 'There is no such sale.' })
  return sale
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

const retryAfter = (ms: number) => String(Math.max(1, Math.ceil(ms / 1_000)))

export const mountTicketRoutes = (app: OpenAPIHono, deps: TicketRouteDeps): void => {
  const { line, sales, status, metrics } = deps

  const join = async (id: string, bearer: { buyer: string; place: number }) => {
    const call = { buyer: bearer.buyer, shownPlace: bearer.place }
    const joined = await joinLine(line, id, call)
    if (joined.kind !== 'missing' && joined.kind !== 'lost') return joined
    if (!(await sales.restore(id, joined.kind))) throw new AppError('not-found', { detail: 'There is no such sale.' })
    return await joinLine(line, id, call)
  }

  app.post('/sales/:sale/tickets', async (c) => {
    const id = parseOrRefuse(saleId, c.req.param('sale'))
    await readJsonBody(c, z.strictObject({}), { optional: true })
    const bearer = await joiningBuyer(c, deps, id)
    const joined = await join(id, bearer)
    switch (joined.kind) {
      case 'not-open':
        throw new AppError('sale-not-open', { retryAfterSeconds: 5 })
      case 'closed':
        throw new AppError('sale-closed')
      case 'missing':
      case 'lost':
        throw new AppError('unavailable', { retryAfterSeconds: 1 })
    }
    const { place, position, kind } = joined
    const { snapshot } = await findSaleOrRefuse(sales, id)
    metrics.joins.inc({ outcome: kind })
    if (kind === 'joined') deps.onJoined(id, bearer.buyer)
    sales.sawPlace(id, place)
    status.knowPlace({ sale: id, buyer: bearer.buyer, place })
    const pollMs = pollAfterMs(snapshot, position - 1, Math.random())
    // The script knew better: what it let join is not scheduled any more, whatever the last snapshot says.
    const saleState = snapshot.publicState === 'scheduled' ? 'open' : snapshot.publicState
    const ticket = await deps.tickets.sign({ sale: id, buyer: bearer.buyer, place })
    return c.json(
      { ticket, place, position, etaSeconds: etaSeconds(snapshot, position - 1), pollAfterMs: pollMs, saleState },
      kind === 'joined' ? 201 : 200,
      {
        'cache-control': 'no-store',
        'set-cookie': deps.cookie.write(bearer.buyer),
        'retry-after': retryAfter(pollMs),
      },
    )
  })

  app.get('/sales/:sale/ticket', async (c) => {
    const id = parseOrRefuse(saleId, c.req.param('sale'))
    const sale = await findSaleOrRefuse(sales, id)
    const bearer = await deps.identify(id, shownBy(c))
    const answer = await status.read(sale, bearer)
    metrics.polls.inc({ state: answer.status.state, asked: answer.asked })
    return c.json(answer.status, 200, {
      'cache-control': 'no-store',
      'retry-after': retryAfter(answer.status.pollAfterMs),
    })
  })

  app.delete('/sales/:sale/ticket', async (c) => {
    const id = parseOrRefuse(saleId, c.req.param('sale'))
    await findSaleOrRefuse(sales, id)
    const { buyer, place } = await deps.identify(id, shownBy(c))
    const left = await leaveLine(line, id, buyer)
    if (left.kind === 'inside') {
      const slots = await returnSlots(line, id, { slots: [left.slot], reason: 'left' })
      if (slots.length > 0) deps.log.info({ step: 'slot.returned', sale: id, slots, reason: 'left' }, 'slots returned')
    }
    if (left.kind === 'left' && place > 0) await sales.refresh(id)
    return c.body(null, 204, { 'cache-control': 'no-store' })
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
