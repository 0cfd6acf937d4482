import { notifierRoutes } from '@floodgate/contracts'
import { type CountLimited, type EnforcedLimit, handle, languageOfRequest, NO_STORE, type Route } from '@floodgate/http'
import { AppError } from '@floodgate/runtime'
import type { Pool } from 'pg'
import { orUnavailable } from '../unavailable.ts'
import type { Addresses } from './addresses.ts'
import type { IsFull } from './reminder-room.ts'
import { saveReminder, unsubscribe } from './reminder-store.ts'
import type { StopTokens } from './stop-tokens.ts'

const PROBLEMS = {
  'unknown-sale': 'not-found',
  open: 'reminder-late',
  closed: 'sale-closed',
  full: 'reminders-full',
} as const

/** Serves requests for reminders, and the links that end them. */
export function reminderRoutes({
  pool,
  addresses,
  stopTokens,
  isFull,
  limit,
  countLimited,
}: {
  pool: Pool
  addresses: Addresses
  stopTokens: StopTokens
  isFull: IsFull
  limit: EnforcedLimit
  countLimited: CountLimited
}): readonly Route[] {
  return [
    handle(notifierRoutes.requestReminder, async function requestReminder(request, reply) {
      limit.take(request.client)
      const { sale } = request.params
      const { email } = await request.body()
      const sealedTo = await addresses.seal(email)
      const language = languageOfRequest(request.headers['accept-language'])
      const [hashes, full] = await orUnavailable(Promise.all([addresses.hashes(email), isFull(sale)]))
      const saved = await orUnavailable(saveReminder(pool, { sale, hashes, sealedTo, language, isFull: full }))
      if (saved.kind === 'full') countLimited('sale-reminders')
      if (saved.kind !== 'saved') throw new AppError(PROBLEMS[saved.kind])
      return reply(202, { sale, opensAt: saved.opensAt?.toISOString() ?? null }, NO_STORE)
    }),
    handle(notifierRoutes.stopReminders, async function stopReminders(request, reply) {
      const hash = stopTokens.hashIn(request.params.token)
      // By the address that ends reminders: mail programs send the requests of all their users from a few addresses.
      limit.take(hash ?? request.client)
      if (hash === undefined) throw new AppError('not-found')
      await orUnavailable(unsubscribe(pool, hash))
      return reply(204, undefined, NO_STORE)
    }),
  ]
}
