import type { OrderResource } from '@floodgate/contracts'
import { ask } from '../shared/http.ts'
import type { Surroundings } from './keep-asking.ts'

/** What a buyer takes back: the place in line, the order that is not paid yet. */
export function createLeaving(around: Surroundings) {
  return {
    leave: async (): Promise<void> => {
      const { ticket } = around.model()
      const answer = await ask(`/sales/${around.sale}/ticket`, { method: 'DELETE', bearer: ticket })
      // A place that the server does not know is left as well.
      if (answer.kind !== 'unreachable') around.tell({ kind: 'left' })
      else around.tell({ kind: 'link', up: false, at: around.now() })
    },

    cancelOrder: async (): Promise<void> => {
      const { checkout, admission, reader } = around.model()
      if (checkout.kind !== 'placed') return
      const answer = await ask<OrderResource>(`${around.orderCoreUrl}/orders/${checkout.order}`, {
        method: 'DELETE',
        bearer: admission ?? reader,
      })
      if (answer.kind === 'answer') around.tell({ kind: 'order', order: answer.body })
      if (answer.kind === 'unreachable') around.tell({ kind: 'link', up: false, at: around.now() })
      // Refused: it was decided in the meantime, and asking says how.
      around.nudges.dispatchEvent(new Event('nudge'))
    },
  }
}
