import { waitingRoomRoutes } from '@floodgate/contracts'
import { handle, type Route } from '@floodgate/http'
import type { KeySet } from './key-set.ts'

export function keysRoute(keys: () => KeySet): Route {
  return handle(waitingRoomRoutes.readKeys, function readKeys(_, reply) {
    return reply(200, keys().publicJwks, { 'cache-control': 'public, max-age=60' })
  })
}
