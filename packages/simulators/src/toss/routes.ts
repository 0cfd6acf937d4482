import { type createHttpApp, readJsonBody } from '@floodgate/http'
import { AppError } from '@floodgate/runtime'
import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { z } from 'zod'
import type { createCalls } from '../calls.ts'
import { CHOICES, checkoutPage, leaveCheckout } from './checkout-page.ts'
import { credentialFailure } from './credentials.ts'
import { type TossFace, tossControl } from './face.ts'
import { failureReply, type Reply } from './failures.ts'
import { parseKoreanTime } from './korean-time.ts'
import { cancelRequest, confirmRequest, createRequest } from './payment.ts'
import { transactionResource } from './resources.ts'

const TRANSACTIONS_MAX = 5_000
const TRANSACTIONS_DEFAULT = 100

interface FaceDeps {
  readonly face: TossFace
  readonly calls: ReturnType<typeof createCalls>
}

function send(c: Context, { status, body }: Reply): Response {
  return c.json(body, status as ContentfulStatusCode)
}

/** Mounts the provider's API: payments and transactions, as far as a shop of card payments needs them. */
export function mountTossApi(app: ReturnType<typeof createHttpApp>, { face, calls }: FaceDeps): void {
  const { book } = face

  /** Responds to a write: once for each idempotency key. */
  const write = async <Schema extends z.ZodType>(
    c: Context,
    schema: Schema,
    act: (request: z.infer<Schema>) => Promise<Reply>,
  ): Promise<Response> => {
    const failure = credentialFailure(c.req.header('authorization'))
    if (failure !== undefined) return send(c, failureReply(failure))
    if (!face.mayWrite()) return send(c, failureReply('FORBIDDEN_CONSECUTIVE_REQUEST'))
    const request = schema.safeParse(await c.req.json().catch(() => undefined))
    const key = c.req.header('idempotency-key')
    return send(
      c,
      await face.storedReply({ path: c.req.path, key }, async () =>
        request.success ? await act(request.data) : failureReply('INVALID_REQUEST'),
      ),
    )
  }

  /** Responds to a look-up, which sees the state of this moment: also while a confirmation is in progress. */
  const read = async (c: Context, look: () => Reply): Promise<Response> => {
    const failure = credentialFailure(c.req.header('authorization'))
    if (failure !== undefined) return send(c, failureReply(failure))
    try {
      calls.failIfToldTo()
      return send(c, look())
    } catch (error) {
      if (error instanceof AppError) return send(c, failureReply('FAILED_INTERNAL_SYSTEM_PROCESSING'))
      throw error
    }
  }
  const replyWith = (payment: ReturnType<typeof book.find>): Reply =>
    face.replyOf(payment === undefined ? { failure: 'NOT_FOUND_PAYMENT' } : { payment })

  app.post('/v1/payments', (c) =>
    write(c, createRequest, (request) =>
      face.act(
        '',
        () => c.req.raw.signal,
        () => book.create(request),
      ),
    ),
  )
  app.post('/v1/payments/confirm', (c) =>
    write(c, confirmRequest, (request) =>
      face.act(
        request.paymentKey,
        () => c.req.raw.signal,
        (mode) => book.confirm(request, mode === 'decline'),
      ),
    ),
  )
  app.post('/v1/payments/:paymentKey/cancel', (c) =>
    write(c, cancelRequest, (request) => {
      const paymentKey = c.req.param('paymentKey')
      return face.act(
        paymentKey,
        () => c.req.raw.signal,
        () => book.cancel(paymentKey, request),
      )
    }),
  )
  app.get('/v1/payments/orders/:orderId', (c) => read(c, () => replyWith(book.findByOrder(c.req.param('orderId')))))
  app.get('/v1/payments/:paymentKey', (c) => read(c, () => replyWith(book.find(c.req.param('paymentKey')))))
  app.get('/v1/transactions', (c) => read(c, () => listTransactions(face, c.req.query())))
}

function listTransactions({ book }: TossFace, query: Readonly<Record<string, string>>): Reply {
  const startMs = parseKoreanTime(query.startDate)
  const endMs = parseKoreanTime(query.endDate)
  const limit = Number(query.limit ?? TRANSACTIONS_DEFAULT)
  if (startMs === undefined || endMs === undefined || !(limit >= 1 && limit <= TRANSACTIONS_MAX))
    return failureReply('INVALID_REQUEST')
  const all = book.transactions(startMs, endMs)
  const after = all.findIndex(({ transactionKey }) => transactionKey === query.startingAfter)
  if (query.startingAfter !== undefined && after === -1) return failureReply('INVALID_TRANSACTION_KEY')
  return { status: 200, body: all.slice(after + 1, after + 1 + limit).map(transactionResource) }
}

/** Mounts the page to which the buyer is sent, and the controls of tests. */
export function mountTossPages(app: ReturnType<typeof createHttpApp>, face: TossFace): void {
  const paymentOf = (paymentKey: string) => {
    const payment = face.book.find(paymentKey)
    if (payment === undefined) throw new AppError('not-found', { detail: 'There is no such payment.' })
    return payment
  }
  app.get('/v1/payments/:paymentKey/checkout', (c) => c.html(checkoutPage(paymentOf(c.req.param('paymentKey')))))
  app.post('/v1/payments/:paymentKey/checkout', async (c) => {
    const choice = z.enum(CHOICES).safeParse((await c.req.parseBody()).choice)
    if (!choice.success) throw new AppError('invalid-request', { detail: 'There is no such choice.' })
    return c.redirect(leaveCheckout(face.book, paymentOf(c.req.param('paymentKey')), choice.data), 303)
  })
  app.post('/toss/control', async (c) => {
    await face.control(await readJsonBody(c, tossControl))
    return c.json({ deliveries: face.webhooks.deliveries() })
  })
  app.post('/toss/webhooks/replay', async (c) => c.json({ statuses: await face.webhooks.replay() }))
}
