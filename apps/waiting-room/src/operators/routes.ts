import { waitingRoomRoutes } from '@floodgate/contracts'
import { handle, NO_STORE, type Route } from '@floodgate/http'
import { createToken, listTokens, readAudit, revokeToken, TOKENS_MAX } from '@floodgate/operators'
import { AppError } from '@floodgate/runtime'
import type { Pool } from 'pg'
import { whileDatabaseIsThere } from '../sales/sale-acts.ts'

/** Serves the tokens of operators, and the audit of all apps. */
export function peopleRoutes({ pool }: { readonly pool: Pool }): readonly Route[] {
  return [
    handle(waitingRoomRoutes.readOwnToken, function readOwnToken({ operator }, reply) {
      const { id, name, role, expiresAt } = operator
      // The shop's server is rejected before.
      if (role === undefined) throw new AppError('unauthorized')
      return reply(200, { id, name, role, expiresAt }, NO_STORE)
    }),
    handle(waitingRoomRoutes.listTokens, async function listAllTokens(_, reply) {
      return reply(200, { tokens: await whileDatabaseIsThere(() => listTokens(pool)) }, NO_STORE)
    }),
    handle(waitingRoomRoutes.createToken, async function createOneToken(request, reply) {
      const body = await request.body()
      const created = await whileDatabaseIsThere(() => createToken(pool, body, request.operator.name))
      if (created === undefined)
        throw new AppError('tokens-full', {
          detail: `At most ${TOKENS_MAX} tokens can be in force at a time. Revoke those that are no longer used.`,
        })
      return reply(201, created, NO_STORE)
    }),
    handle(waitingRoomRoutes.revokeToken, async function revokeOneToken({ params: { id }, operator }, reply) {
      const revoked = await whileDatabaseIsThere(() => revokeToken(pool, id, operator.name))
      if (revoked === undefined) throw new AppError('not-found', { detail: 'There is no such token.' })
      return reply(200, revoked, NO_STORE)
    }),
    handle(waitingRoomRoutes.listAudit, async function listAudit({ query }, reply) {
      return reply(200, await whileDatabaseIsThere(() => readAudit(pool, query)), NO_STORE)
    }),
  ]
}
