import { ask } from '../shared/http.ts'
import type { JobContext } from './poll.ts'

/** Gives things back for the buyer: the place in line, the unpaid order. */
export function createLeaving(context: JobContext) {
  return {
    leave: async (): Promise<void> => {
      const { ticket } = context.model()
      const reply = await ask('DELETE /sales/{sale}/ticket', { params: context, bearer: ticket })
      // A place that the server does not know counts as left.
      if (reply.kind !== 'unreachable') context.dispatch({ kind: 'left' })
      else context.dispatch({ kind: 'link', up: false, at: context.now() })
    },

    cancelOrder: async (): Promise<void> => {
      const { checkout, admission, reader } = context.model()
      if (checkout.kind !== 'placed') return
      const reply = await ask('DELETE /orders/{id}', {
        ...{ app: context.orderCoreUrl, params: { id: checkout.order } },
        bearer: admission ?? reader,
      })
      if (reply.kind === 'success') context.dispatch({ kind: 'order', order: reply.body })
      if (reply.kind === 'unreachable') context.dispatch({ kind: 'link', up: false, at: context.now() })
      // Rejected: the order was decided in the meantime, and a poll shows how.
      context.waker.dispatchEvent(new Event('wake'))
    },
  }
}
