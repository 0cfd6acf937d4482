import { type createHttpApp, readJsonBody } from '@floodgate/http'
import { AppError } from '@floodgate/runtime'
import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { z } from 'zod'
import { bankPage } from '../bank-page.ts'
import type { createCalls } from '../calls.ts'
import { BROKEN, type StripeFace, stripeControl } from './face.ts'
import { plain, readForm } from './form.ts'
import { createIntent, createRefund, errorReply, type Intent, type Reply, refundResource } from './intent.ts'

type HttpApp = ReturnType<typeof createHttpApp>

const PAGE_MAX = 100
const PAGE_DEFAULT = 10

interface FaceDeps {
  readonly face: StripeFace
  readonly calls: ReturnType<typeof createCalls>
}

function send(c: Context, { status, body }: Reply, replayed = false): Response {
  const headers = { 'request-id': 'req_simulated', ...(replayed ? { 'idempotent-replayed': 'true' } : {}) }
  return c.json(body, status as ContentfulStatusCode, headers)
}

function rejectionOf(c: Context): Reply | undefined {
  if (/^Bearer [rs]k_(test|live)_/.test(c.req.header('authorization') ?? '')) return undefined
  return errorReply(401, 'invalid_request_error', 'Invalid API Key provided.')
}

/** Mounts Stripe's API, as far as payments of orders need it (docs.stripe.com/api). */
export function mountStripeApi(app: HttpApp, { face, calls }: FaceDeps): void {
  const { book } = face

  const write = async <Schema extends z.ZodType>(
    c: Context,
    schema: Schema,
    act: (request: z.output<Schema>, key: string) => Promise<Reply>,
  ): Promise<Response> => {
    const rejection = rejectionOf(c)
    if (rejection !== undefined) return send(c, rejection)
    if (!face.mayWrite())
      return send(c, errorReply(429, 'invalid_request_error', 'Too many requests', { code: 'rate_limit' }))
    const text = await c.req.text()
    const request = schema.safeParse(plain(readForm(text)))
    // Parameters are checked before the key is used.
    if (!request.success) return send(c, errorReply(400, 'invalid_request_error', request.error.message))
    const key = c.req.header('idempotency-key')
    const used = { key, request: `${c.req.path} ${text}` }
    const { replayed, ...reply } = await face.storedReply(used, () => act(request.data, key ?? ''))
    return send(c, reply, replayed)
  }

  const read = async (c: Context, look: () => Reply): Promise<Response> => {
    const rejection = rejectionOf(c)
    if (rejection !== undefined) return send(c, rejection)
    try {
      calls.failIfToldTo()
      return send(c, look())
    } catch (error) {
      if (error instanceof AppError) return send(c, BROKEN)
      throw error
    }
  }

  app.post('/v1/payment_intents', (c) =>
    write(c, createIntent, (request, key) =>
      face.act(key, () => c.req.raw.signal, {
        change: (mode) => book.create(request, mode === 'decline'),
        show: face.resourceOf,
      }),
    ),
  )
  app.post('/v1/payment_intents/:id/cancel', (c) =>
    write(c, createIntent.pick({}), (_, key) =>
      face.act(key, () => c.req.raw.signal, { change: () => book.cancel(c.req.param('id')), show: face.resourceOf }),
    ),
  )
  app.post('/v1/payment_intents/:id/capture', (c) =>
    write(c, createIntent.pick({}), (_, key) =>
      face.act(key, () => c.req.raw.signal, { change: () => book.capture(c.req.param('id')), show: face.resourceOf }),
    ),
  )
  app.post('/v1/refunds', (c) =>
    write(c, createRefund, (request, key) =>
      face.act(key, () => c.req.raw.signal, { change: () => book.refund(request), show: refundResource }),
    ),
  )
  app.get('/v1/payment_intents/:id', (c) =>
    read(c, () => {
      const kept = book.find(c.req.param('id'))
      if (kept === undefined) return errorReply(404, 'invalid_request_error', 'No such payment_intent')
      return { status: 200, body: face.resourceOf(kept) }
    }),
  )
  app.get('/v1/payment_intents', (c) =>
    read(c, () => page(c, { all: sinceOf(c, book.intents()), show: face.resourceOf })),
  )
  app.get('/v1/charges', (c) =>
    read(c, () => {
      const charged = book.intents().filter((each) => each.charged !== null)
      return page(c, { all: sinceOf(c, charged), show: face.chargeOf })
    }),
  )
  app.get('/v1/refunds/:id', (c) =>
    read(c, () => {
      const kept = book.findRefund(c.req.param('id'))
      if (kept === undefined) return errorReply(404, 'invalid_request_error', 'No such refund')
      return { status: 200, body: refundResource(kept) }
    }),
  )
  app.get('/v1/refunds', (c) =>
    read(c, () => page(c, { all: book.refunds(c.req.query('payment_intent') ?? ''), show: refundResource })),
  )
}

function sinceOf(c: Context, all: readonly Intent[]): readonly Intent[] {
  const since = Number(c.req.query('created[gte]') ?? 0)
  return all.filter(({ created }) => created >= since)
}

/** Returns a page in Stripe's form (docs.stripe.com/api/pagination). */
function page<Item>(c: Context, { all, show }: { all: readonly Item[]; show(item: Item): object }): Reply {
  const limit = Number(c.req.query('limit') ?? PAGE_DEFAULT)
  if (!(limit >= 1 && limit <= PAGE_MAX)) return errorReply(400, 'invalid_request_error', 'Invalid limit')
  const shown = all.map(show)
  const after = c.req.query('starting_after')
  const from = after === undefined ? 0 : shown.findIndex((each) => (each as { id?: string }).id === after) + 1
  if (after !== undefined && from === 0) return errorReply(400, 'invalid_request_error', 'No such object')
  const data = shown.slice(from, from + limit)
  return { status: 200, body: { object: 'list', url: c.req.path, data, has_more: from + limit < shown.length } }
}

/** Mounts the page of the bank, and the controls of tests. */
export function mountStripePages(app: HttpApp, face: StripeFace): void {
  const intentOf = (id: string): Intent => {
    const kept = face.book.find(id)
    if (kept === undefined) throw new AppError('not-found', { detail: 'There is no such payment.' })
    return kept
  }
  app.get('/stripe/authenticate/:id', (c) => {
    const { id, amount, currency, status } = intentOf(c.req.param('id'))
    const action = status === 'requires_action' ? `/stripe/authenticate/${id}/decision` : undefined
    const view = { title: 'Simulated 3-D Secure', amountMinor: amount, currency: currency.toUpperCase(), action }
    return c.html(bankPage(view))
  })
  app.post('/stripe/authenticate/:id/decision', (c) => {
    const { id } = intentOf(c.req.param('id'))
    const kept = face.book.decide(id, c.req.query('agree') === 'true')
    const back = new URL(kept?.returnUrl ?? `/stripe/authenticate/${id}`, c.req.url)
    back.searchParams.set('payment_intent', id)
    back.searchParams.set('payment_intent_client_secret', `${id}_secret_of_the_buyer`)
    back.searchParams.set('redirect_status', kept?.status === 'requires_payment_method' ? 'failed' : 'succeeded')
    return c.redirect(back.href, 303)
  })
  app.post('/stripe/control', async (c) => {
    await face.control(await readJsonBody(c, stripeControl))
    return c.json({ deliveries: face.webhooks.deliveries() })
  })
  app.post('/stripe/webhooks/replay', async (c) => c.json({ statuses: await face.webhooks.replay() }))
}
