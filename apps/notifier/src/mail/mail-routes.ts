import { settledWithin } from '@floodgate/async'
import { type MailResource, mailPage, mailResource, mailsRetried, text, unsentMailState } from '@floodgate/contracts'
import { isRetriableDatabaseError } from '@floodgate/database'
import {
  defineOperation,
  EMPTY_BODY,
  NO_BODY,
  NO_STORE,
  OPERATOR_ONLY,
  type Operation,
  queryInteger,
  readJsonBody,
  success,
} from '@floodgate/http'
import { AppError } from '@floodgate/runtime'
import { type OpenAPIHono, z } from '@hono/zod-openapi'
import type { Pool } from 'pg'
import { listUnsent, readQueue, retryDead, retryMail } from './unsent-mails.ts'

const PAGE_MAILS = 100
const PAGE_MAILS_MAX = 1_000
/** Mails of one statement: an operator with more dead mails repeats the request. */
const RETRIED_MAX = 10_000
const RETRY_AFTER_SECONDS = 2
/** A database that is mute is not there. */
const ANSWER_MS_MAX = 4_000

const mailId = text(255)

const security = OPERATOR_ONLY
const MAIL: MailResource = {
  id: '0a4d7f3b-8c1e-4e5f-8a9b-0c1d2e3f4a5b',
  order: '7f3b8c1e-0a4d-4e5f-8a9b-0c1d2e3f4a5b',
  kind: 'confirmed',
  state: 'deferred',
  attempts: 2,
  rejections: 0,
  error: '451 4.7.1 Try again later',
  createdAt: '2027-03-28T10:00:06.004Z',
  dueAt: '2027-03-28T10:02:00.000Z',
  sentAt: null,
}

const listRoute = defineOperation({
  method: 'get',
  path: '/admin/mails',
  summary: 'Mails that are not sent, by state, oldest first',
  security,
  request: {
    query: z.strictObject({
      state: unsentMailState,
      limit: queryInteger(1, PAGE_MAILS_MAX).default(PAGE_MAILS),
      after: mailId.optional(),
    }),
  },
  responses: { 200: success('A page of them', mailPage, { example: { mails: [MAIL], next: null } }) },
})
const retryAllRoute = defineOperation({
  method: 'post',
  path: '/admin/mails/retry',
  summary: `Queue dead mails again, up to ${RETRIED_MAX} at a time; repeating it is fine`,
  security,
  request: { body: NO_BODY },
  responses: {
    200: success('How many, and how many are still dead', mailsRetried, { example: { retried: 3, dead: 0 } }),
  },
})
const retryRoute = defineOperation({
  method: 'post',
  path: '/admin/mails/{id}/retry',
  summary: 'Queue a dead mail again, or try a waiting one now; repeating it is fine',
  security,
  request: { params: z.strictObject({ id: mailId }), body: NO_BODY },
  responses: { 200: success('The mail', mailResource, { example: MAIL }) },
  refusals: { 'not-found': true, 'mail-sent': true },
})

export const mailOperations: readonly Operation[] = [listRoute, retryAllRoute, retryRoute]

async function orUnavailable<Result>(work: Promise<Result>): Promise<Result> {
  const isOver = await settledWithin(ANSWER_MS_MAX, work)
  if (!isOver) throw new AppError('unavailable', { retryAfterSeconds: RETRY_AFTER_SECONDS })
  try {
    return await work
  } catch (cause) {
    if (!isRetriableDatabaseError(cause)) throw cause
    throw new AppError('unavailable', { cause, retryAfterSeconds: RETRY_AFTER_SECONDS })
  }
}

/** Mounts what an operator does about mails that are not sent. */
export function mountMailRoutes(app: OpenAPIHono, deps: { pool: Pool; leaseMs: number; onRetried(): void }): void {
  const { pool } = deps

  app.openapi(listRoute, async (c) => {
    const { state, limit, after } = c.req.valid('query')
    const mails = await orUnavailable(listUnsent(pool, { state, after, limit }))
    return c.json({ mails, next: mails.length < limit ? null : (mails.at(-1)?.id ?? null) }, 200, NO_STORE)
  })

  app.openapi(retryAllRoute, async (c) => {
    await readJsonBody(c, EMPTY_BODY, { optional: true })
    const retried = await orUnavailable(retryDead(pool, RETRIED_MAX))
    deps.onRetried()
    const { lengths } = await orUnavailable(readQueue(pool))
    return c.json({ retried, dead: lengths.dead }, 200, NO_STORE)
  })

  app.openapi(retryRoute, async (c) => {
    await readJsonBody(c, EMPTY_BODY, { optional: true })
    const mail = await orUnavailable(retryMail(pool, c.req.valid('param').id, deps.leaseMs))
    if (mail === undefined) throw new AppError('not-found')
    if (mail.state === 'sent') throw new AppError('mail-sent')
    deps.onRetried()
    return c.json(mail, 200, NO_STORE)
  })
}
