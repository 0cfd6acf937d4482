import { settledWithin } from '@floodgate/async'
import { MAILS_RETRIED_MAX, notifierRoutes } from '@floodgate/contracts'
import { isRetriableDatabaseError } from '@floodgate/database'
import { handle, NO_STORE, type Route } from '@floodgate/http'
import { AppError } from '@floodgate/runtime'
import type { Pool } from 'pg'
import { listUnsent, readQueue, retryDead, retryMail } from './unsent-mails.ts'

const RETRY_AFTER_SECONDS = 2
/** An unresponsive database counts as unavailable. */
const RESPONSE_MS_MAX = 4_000

async function orUnavailable<Result>(work: Promise<Result>): Promise<Result> {
  const isOver = await settledWithin(RESPONSE_MS_MAX, work)
  if (!isOver) throw new AppError('unavailable', { retryAfterSeconds: RETRY_AFTER_SECONDS })
  try {
    return await work
  } catch (cause) {
    if (!isRetriableDatabaseError(cause)) throw cause
    throw new AppError('unavailable', { cause, retryAfterSeconds: RETRY_AFTER_SECONDS })
  }
}

/** Serves the operator's routes for unsent mails. */
export function mailRoutes(deps: { pool: Pool; leaseMs: number; onRetried(): void }): readonly Route[] {
  const { pool } = deps
  return [
    handle(notifierRoutes.listMails, async function listMails({ query: { state, limit, after } }, reply) {
      const mails = await orUnavailable(listUnsent(pool, { state, after, limit }))
      return reply(200, { mails, next: mails.length < limit ? null : (mails.at(-1)?.id ?? null) }, NO_STORE)
    }),
    handle(notifierRoutes.retryMails, async function retryMails(request, reply) {
      await request.body()
      const retried = await orUnavailable(retryDead(pool, MAILS_RETRIED_MAX))
      deps.onRetried()
      const { lengths } = await orUnavailable(readQueue(pool))
      return reply(200, { retried, dead: lengths.dead }, NO_STORE)
    }),
    handle(notifierRoutes.retryMail, async function retryOneMail(request, reply) {
      const { id } = request.params
      await request.body()
      const mail = await orUnavailable(retryMail(pool, id, deps.leaseMs))
      if (mail === undefined) throw new AppError('not-found')
      if (mail.state === 'sent') throw new AppError('mail-sent')
      deps.onRetried()
      return reply(200, mail, NO_STORE)
    }),
  ]
}
