// The bare server: the routes, statuses and body sizes of a sale, with canned responses. It keeps no stock, checks no
// signature and uses no other server, so its limits are those of the load generator and the machine. Prints its address
// once it listens.
import { createClientAddressOf, createSocketServer, listen } from '@floodgate/http'
import { createLogger } from '@floodgate/runtime'
import { type Context, Hono } from 'hono'
import { pollAfterMs, tellAfterMs } from './poll-after.ts'

const { sale, stock, rate } = JSON.parse(process.env.BASELINE ?? '{}') as { sale: string; stock: number; rate: number }
const CONFIRM_MS = 300
const PUSH_MS = 1_000
const at = '2026-01-01T00:00:00.000Z'
const places = new Map<string, number>()
const orders = new Map<string, { readonly at: number; readonly declined: boolean }>()
let openedAt = 0
let sold = 0
let left = 0

const letIn = () => Math.min(places.size, (rate * (performance.now() - openedAt)) / 1_000 + left)
const tokenOf = (place: number) => `${place}.`.padEnd(TICKET_BYTES, 'x')
const placeIn = (token: string | undefined) => Number.parseInt(token ?? '0', 10)
const bearer = (c: Context) => c.req.header('authorization')?.slice('Bearer '.length)
const headers = (pollMs: number) => ({ 'cache-control': 'no-store', 'retry-after': String(Math.ceil(pollMs / 1_000)) })
const TICKET_BYTES = 271
const ADMISSION_BYTES = 355
const COOKIE = `floodgate-buyer-${sale}=${'x'.repeat(75)}; Path=/; HttpOnly; SameSite=Lax; Max-Age=604800`

function standing(place: number) {
  const position = Math.max(1, Math.ceil(place - letIn()))
  const common = { saleState: 'open', snapshot: 1_700_000_000_000 }
  if (place > letIn()) {
    const pollMs = pollAfterMs(position - 1, rate)
    return {
      state: 'waiting',
      ...common,
      position,
      returners: 0,
      etaSeconds: Math.ceil(position / rate),
      pollAfterMs: pollMs,
    }
  }
  const admission = 'x'.repeat(ADMISSION_BYTES)
  return {
    state: 'admitted',
    ...common,
    position: null,
    etaSeconds: null,
    pollAfterMs: 14_000,
    admission,
    expiresAt: at,
  }
}

function problem(code: string) {
  const type = `urn:floodgate:problem:${code}`
  const rest = { title: 'Sold out', status: 409, detail: 'Everything of this item is sold.' }
  return { type, code, ...rest, retryable: false, traceId: 'x'.repeat(32), skus: ['COAT'], final: true }
}

const line = { quantity: 1, priceMinor: 12_450, sku: 'COAT' }
const order = { sale, items: [line], totalMinor: 12_450, currency: 'EUR', createdAt: at, holdExpiresAt: at }

const app = new Hono()
app.post('/sales/:sale/tickets', (c) => {
  const key = c.req.header('idempotency-key') ?? ''
  if (places.size === 0) openedAt = performance.now()
  const known = places.get(key)
  const place = known ?? places.size + 1
  places.set(key, place)
  const { position, pollAfterMs: pollMs } = standing(place)
  const told = { etaSeconds: 60, pollAfterMs: pollMs, saleState: 'open' }
  const body = { ticket: tokenOf(place), place, position: position ?? 1, ...told }
  return c.json(body, known === undefined ? 201 : 200, { ...headers(pollMs), 'set-cookie': COOKIE })
})
app.get('/sales/:sale/ticket', (c) => {
  const status = standing(placeIn(bearer(c)))
  return c.json(status, 200, headers(status.pollAfterMs))
})
app.delete('/sales/:sale/ticket', (c) => {
  if (placeIn(bearer(c)) > letIn()) left += 1
  return c.body(null, 204)
})
app.get('/sales/:sale/board', (c) => c.json({ sale, waiting: places.size, marks: 'x'.repeat(2_000), at }))
app.get('/sales/:sale/catalogue', (c) => {
  const prices = { listPriceMinor: 24_900, salePriceMinor: 12_450, perBuyerLimit: 1, total: stock }
  const item = { sku: 'COAT', name: 'Wool coat', ...prices, available: stock - sold, soldOut: sold >= stock }
  return c.json({ sale, currency: 'EUR', items: [item] })
})
app.post('/orders', async (c) => {
  const { paymentMethod } = await c.req.json<{ paymentMethod: string }>()
  if (sold >= stock) return c.json(problem('sold-out'), 409)
  const declined = paymentMethod !== 'sim_ok'
  if (!declined) sold += 1
  const id = crypto.randomUUID()
  orders.set(id, { at: performance.now(), declined })
  return c.json({ id, ...order, status: 'pending' }, 201, { location: `/orders/${id}`, 'cache-control': 'no-store' })
})
app.get('/orders/:id', (c) => {
  const id = c.req.param('id')
  const known = orders.get(id)
  const isOver = known !== undefined && performance.now() - known.at > CONFIRM_MS
  const status = isOver ? (known.declined ? 'cancelled' : 'confirmed') : 'pending'
  return c.json({ id, ...order, status, version: 2 })
})

const waiting = new Map<{ push(message: string): void }, { place: number; toldAt: number }>()
const sockets = createSocketServer<number>({
  allowedOrigins: [],
  limits: { socketsMax: 0, socketsPerAddressMax: 0, socketsPerTicketMax: 0 },
  clientAddressOf: createClientAddressOf({ trustedHops: 0 }),
  countLimited: () => undefined,
  log: createLogger({ app: 'baseline', level: 'silent' }),
  route: {
    matches: (path) => path.endsWith('/live'),
    authenticate: async ({ token }) => placeIn(token),
    holderOf: String,
    onOpen: (connection, place) => {
      waiting.set(connection, { place, toldAt: performance.now() })
      connection.push(JSON.stringify(standing(place)))
      return function onClose() {
        return waiting.delete(connection)
      }
    },
  },
})
setInterval(() => {
  const now = performance.now()
  for (const [connection, told] of waiting) {
    const status = standing(told.place)
    const rank = (status.position ?? 1) - 1
    if (status.state === 'waiting' && now - told.toldAt < tellAfterMs(rank, rate) - PUSH_MS / 2) continue
    told.toldAt = now
    connection.push(JSON.stringify(status))
  }
}, PUSH_MS)

// The parent has exited when this closes.
process.stdin.resume().once('close', () => process.exit())
const { url } = await listen({ fetch: app.fetch, host: '127.0.0.1', port: 0, onUpgrade: sockets.upgrade })
process.stdout.write(`${url}\n`)
