import { ask } from '../shared/http.ts'
import { waitFor } from '../shared/wait.ts'
import { poll, type Work } from './poll.ts'
import { isFresh } from './shop.ts'

const SECOND = 1_000
/** The address of the button is renewed before the shop would reject it. */
const RENEW_MS = 30 * SECOND
const RETRY_MS = 2 * SECOND

/** Requests the address at the shop, and keeps it fresh. A page that wakes requests it at once. */
export async function handOver(...[{ ticket }, context, signal]: Parameters<Work<'hand-over'>>): Promise<void> {
  await poll({
    request: () =>
      ask('POST /sales/{sale}/handover', {
        ...{ params: context, bearer: ticket, signal },
        body: context.returnUrl === undefined ? {} : { return: context.returnUrl },
      }),
    onReply: (reply) => {
      const at = context.now()
      if (reply.kind === 'success') context.dispatch({ kind: 'handed-over', at, ...reply.body })
      // An older process lacks this address: its buyers order here.
      else if (reply.kind === 'rejected' && hasNoShop(reply.problem)) context.dispatch({ kind: 'no-shop' })
      // Also without a turn: the line reports what became of it.
      else context.dispatch({ kind: 'not-handed-over', at })
    },
    everyMs: RENEW_MS,
    context,
    signal,
  })
}

function hasNoShop({ code, status }: { readonly code: string; readonly status: number }): boolean {
  return code === 'no-return' || status === 404 || status === 405
}

/** Opens the shop when the time has come, with an address that the shop still accepts. */
export async function go(...[{ at }, context, signal]: Parameters<Work<'go'>>): Promise<void> {
  await waitFor(Math.max(0, at - context.now()), { signal })
  while (!signal.aborted) {
    const { shop } = context.model()
    if (shop.address !== undefined && isFresh(shop, context.now())) {
      const { url } = shop.address
      context.dispatch({ kind: 'sent', at: context.now() })
      context.goTo(url)
      return
    }
    context.waker.dispatchEvent(new Event('wake'))
    await waitFor(RETRY_MS, { signal })
  }
}
