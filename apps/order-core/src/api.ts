import { orderCoreRoutes } from '@floodgate/contracts'
import type { Api } from '@floodgate/http'

/** Everything that the order core's clients may rely on. */
export const api: Api = {
  title: 'Floodgate order core',
  description: 'Catalogue, checkout and orders. Admissions come from the waiting room.',
  routes: orderCoreRoutes,
}
