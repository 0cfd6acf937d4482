import { notifierRoutes } from '@floodgate/contracts'
import { type EnforcedLimit, handle, languageOfRequest, NO_STORE, type Route } from '@floodgate/http'
import { AppError } from '@floodgate/runtime'
import type { Pool } from 'pg'
import { orUnavailable } from '../unavailable.ts'
import type { Addresses } from './addresses.ts'
import { saveReminder, unsubscribe } from './reminder-store.ts'

const PROBLEMS = { 'unknown-sale': 'not-found', open: 'reminder-late', closed: 'sale-closed' } as const

/** Serves requests for reminders, and the links that end them. */
export function reminderRoutes({
  pool,
  addresses,
  limit,
}: {
  pool: Pool
  addresses: Addresses
  limit: EnforcedLimit
}): readonly Route[] {
  return [
    handle(notifierRoutes.requestReminder, async function requestReminder(request, reply) {
      limit.take(request.client)
      const { sale } = request.params
      const { email } = await request.body()
      const hashes = addresses.hashes(email)
      const sealedTo = await addresses.seal(email)
      const language = languageOfRequest(request.headers['accept-language'])
      const saved = await orUnavailable(saveReminder(pool, { sale, hashes, sealedTo, language }))
      if (saved.kind !== 'saved') throw new AppError(PROBLEMS[saved.kind])
      return reply(202, { sale, opensAt: saved.opensAt?.toISOString() ?? null }, NO_STORE)
    }),
    handle(notifierRoutes.stopReminders, async function stopReminders(request, reply) {
      limit.take(request.client)
      const hash = addresses.hashInStopToken(request.params.token)
      if (hash === undefined) throw new AppError('not-found')
      await orUnavailable(unsubscribe(pool, hash))
      return reply(204, undefined, NO_STORE)
    }),
  ]
}
