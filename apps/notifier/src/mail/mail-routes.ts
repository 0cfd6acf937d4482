import { MAILS_RETRIED_MAX, notifierRoutes } from '@floodgate/contracts'
import { handle, NO_STORE, type Route } from '@floodgate/http'
import { AppError } from '@floodgate/runtime'
import type { Pool } from 'pg'
import { orUnavailable } from '../unavailable.ts'
import { createMailOperations, listUnsent, mailOfRow } from './unsent-mails.ts'

/** Serves the operator's routes for unsent mails. */
export function mailRoutes(deps: { pool: Pool; leaseMs: number; onRetried(): void }): readonly Route[] {
  const { pool } = deps
  const queue = createMailOperations(pool)
  return [
    handle(notifierRoutes.listMails, async function listMails({ query: { state, limit, after } }, reply) {
      const mails = await orUnavailable(listUnsent(pool, { state, after, limit }))
      return reply(200, { mails, next: mails.length < limit ? null : (mails.at(-1)?.id ?? null) }, NO_STORE)
    }),
    handle(notifierRoutes.retryMails, async function retryMails(request, reply) {
      await request.body()
      const retried = await orUnavailable(queue.retryDead(MAILS_RETRIED_MAX))
      deps.onRetried()
      const { lengths } = await orUnavailable(queue.measure())
      return reply(200, { retried, dead: lengths.dead }, NO_STORE)
    }),
    handle(notifierRoutes.retryMail, async function retryOneMail(request, reply) {
      const { id } = request.params
      await request.body()
      const row = await orUnavailable(queue.retry(id, deps.leaseMs))
      if (row === undefined) throw new AppError('not-found')
      const mail = mailOfRow(row)
      if (mail.state === 'sent') throw new AppError('mail-sent')
      deps.onRetried()
      return reply(200, mail, NO_STORE)
    }),
  ]
}
