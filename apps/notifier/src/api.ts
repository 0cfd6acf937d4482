import { notifierRoutes } from '@floodgate/contracts'
import type { Api } from '@floodgate/http'

/** Everything that the notifier's clients may rely on. */
export const api: Api = {
  title: 'Floodgate notifier',
  description: 'Mails buyers and pushes the live state of their orders.',
  routes: notifierRoutes,
}
