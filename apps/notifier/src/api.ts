import { type Api, deadLetterOperations, erasureOperation, traceOperation } from '@floodgate/http'
import { liveOperation } from './live/live-route.ts'
import { mailOperations } from './mail/mail-routes.ts'

/** Everything that the notifier's clients may rely on. */
export const api: Api = {
  title: 'Floodgate notifier',
  description: 'Mails buyers and pushes the live state of their orders.',
  operations: [liveOperation, ...mailOperations, traceOperation, erasureOperation, ...deadLetterOperations],
}
