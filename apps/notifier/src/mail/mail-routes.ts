import { settledWithin } from '@floodgate/async'
import { MAILS_RETRIED_MAX, notifierRoutes } from '@floodgate/contracts'
import { isRetriableDatabaseError } from '@floodgate/database'
import { EMPTY_BODY, NO_STORE, readJsonBody } from '@floodgate/http'
import { AppError } from '@floodgate/runtime'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Pool } from 'pg'
import { listUnsent, readQueue, retryDead, retryMail } from './unsent-mails.ts'

const RETRY_AFTER_SECONDS = 2
/** A database that is mute is not there. */
const ANSWER_MS_MAX = 4_000

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

  app.openapi(notifierRoutes.listMails, async (c) => {
    const { state, limit, after } = c.req.valid('query')
    const mails = await orUnavailable(listUnsent(pool, { state, after, limit }))
    return c.json({ mails, next: mails.length < limit ? null : (mails.at(-1)?.id ?? null) }, 200, NO_STORE)
  })

  app.openapi(notifierRoutes.retryMails, async (c) => {
    await readJsonBody(c, EMPTY_BODY, { optional: true })
    const retried = await orUnavailable(retryDead(pool, MAILS_RETRIED_MAX))
    deps.onRetried()
    const { lengths } = await orUnavailable(readQueue(pool))
    return c.json({ retried, dead: lengths.dead }, 200, NO_STORE)
  })

  app.openapi(notifierRoutes.retryMail, async (c) => {
    await readJsonBody(c, EMPTY_BODY, { optional: true })
    const mail = await orUnavailable(retryMail(pool, c.req.valid('param').id, deps.leaseMs))
    if (mail === undefined) throw new AppError('not-found')
    if (mail.state === 'sent') throw new AppError('mail-sent')
    deps.onRetried()
    return c.json(mail, 200, NO_STORE)
  })
}
