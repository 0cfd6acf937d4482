import { notifierRoutes, shopWebhooks } from '@floodgate/contracts'
import type { Api } from '@floodgate/http'

/** The notifier's interface for its clients. */
export const api: Api = {
  title: 'Floodgate notifier',
  description: 'Mails buyers, pushes the live state of their orders, and tells the shop about them by webhooks.',
  routes: notifierRoutes,
  webhooks: shopWebhooks,
}
