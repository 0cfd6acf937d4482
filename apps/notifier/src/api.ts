import { notifierRoutes } from '@floodgate/contracts'
import type { Api } from '@floodgate/http'

/** The notifier's interface for its clients. */
export const api: Api = {
  title: 'Floodgate notifier',
  description: 'Mails buyers and pushes the live state of their orders.',
  routes: notifierRoutes,
}
