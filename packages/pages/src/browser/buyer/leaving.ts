import { ask } from '../shared/http.ts'
import type { JobContext } from './poll.ts'

/** Gives the buyer's place in line back. */
export function createLeave(context: JobContext) {
  return async function leave(): Promise<void> {
    const { ticket } = context.model()
    const reply = await ask('DELETE /sales/{sale}/ticket', { params: context, bearer: ticket })
    // A place that the server does not know counts as left.
    if (reply.kind !== 'unreachable') context.dispatch({ kind: 'left' })
    else context.dispatch({ kind: 'link', up: false, at: context.now() })
  }
}
