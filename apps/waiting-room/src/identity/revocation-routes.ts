import { REVOCATION_DAYS_MAX, waitingRoomRoutes } from '@floodgate/contracts'
import { handle, NO_STORE, type Route } from '@floodgate/http'
import { AppError, type Logger } from '@floodgate/runtime'
import type { Pool } from 'pg'
import { whileDatabaseIsThere } from '../sales/sale-acts.ts'
import { listRevocations, REVOCATIONS_MAX, recordRevocation } from './revocation-store.ts'
import type { Revocations } from './revocations.ts'

const DAY_MS = 86_400_000

function checkEnd(until: string, force: boolean): void {
  const leftMs = Date.parse(until) - Date.now()
  const errorsOf = (message: string) => ({ members: { errors: [{ pointer: '/until', message }] } })
  if (leftMs > REVOCATION_DAYS_MAX * DAY_MS)
    throw new AppError('invalid-request', errorsOf(`must be at most ${REVOCATION_DAYS_MAX} days ahead`))
  if (leftMs <= 0 && !force)
    throw new AppError('time-past', {
      detail:
        'A revocation until then has ended already. Nothing was changed; send "force": true to end one that is in force.',
      ...errorsOf('is in the past'),
    })
}

/** Serves the operator's revocations of accounts and ID tokens. */
export function identityRevocationRoutes({
  pool,
  revocations,
  log,
}: {
  readonly pool: Pool
  readonly revocations: Pick<Revocations, 'refresh'>
  readonly log: Logger
}): readonly Route[] {
  return [
    handle(waitingRoomRoutes.revokeIdentity, async function revokeIdentity(request, reply) {
      const body = await request.body()
      checkEnd(body.until, body.force === true)
      const recorded = await whileDatabaseIsThere(() => recordRevocation(pool, body))
      if (recorded.kind === 'full')
        throw new AppError('revocations-full', {
          detail: `At most ${REVOCATIONS_MAX} accounts and ID tokens can be revoked at a time.`,
        })
      // Other processes read it within a second. After a failure here the next read repeats it.
      await revocations.refresh().catch((error: unknown) => log.debug({ error }, 'revocations left to the next read'))
      return reply(recorded.kind === 'created' ? 201 : 200, recorded.revocation, NO_STORE)
    }),
    handle(waitingRoomRoutes.listIdentityRevocations, async function listIdentityRevocations({ query }, reply) {
      const { before, limit } = query
      const { revocations: listed, next } = await whileDatabaseIsThere(() => listRevocations(pool, { before, limit }))
      return reply(200, { revocations: [...listed], next }, NO_STORE)
    }),
  ]
}
