import { waitingRoomRoutes } from '@floodgate/contracts'
import type { Api } from '@floodgate/http'
import { putSaleRoute } from './sales/put-sale-route.ts'

/** The waiting room's interface for its clients. */
export const api: Api = {
  title: 'Floodgate waiting room',
  description: 'Join the line, wait, be admitted; operate sales.',
  routes: { ...waitingRoomRoutes, putSale: putSaleRoute },
}
