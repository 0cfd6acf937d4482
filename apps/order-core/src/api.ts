import { orderCoreRoutes } from '@floodgate/contracts'
import type { Api } from '@floodgate/http'

/** The order core's interface for its clients. */
export const api: Api = {
  title: 'Floodgate order core',
  description: 'Catalogue, checkout and orders. Admissions come from the waiting room.',
  routes: orderCoreRoutes,
}
