import { paymentWorkerRoutes } from '@floodgate/contracts'
import type { Api } from '@floodgate/http'

/** Everything that the payment worker's clients may rely on. */
export const api: Api = {
  title: 'Floodgate payment worker',
  description: 'Charges and refunds orders, once each.',
  routes: paymentWorkerRoutes,
}
