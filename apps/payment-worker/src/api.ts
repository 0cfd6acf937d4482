import { paymentWorkerRoutes } from '@floodgate/contracts'
import type { Api } from '@floodgate/http'

/** The payment worker's interface for its clients. */
export const api: Api = {
  title: 'Floodgate payment worker',
  description: 'Charges and refunds orders, once each.',
  routes: paymentWorkerRoutes,
}
