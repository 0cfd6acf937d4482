import { ask } from '../shared/http.ts'
import { isPassing } from '../shared/problem.ts'
import { poll, type Work } from './poll.ts'

const RETRY_MS = 1_000

/** Reads the vouchers of the sale, until there is a response. An older process lacks this address: there are none. */
export async function readVouchers(...[, context, signal]: Parameters<Work<'read-vouchers'>>): Promise<void> {
  await poll({
    request: () => ask('GET /sales/{sale}/vouchers', { app: context.orderCoreUrl, params: context, signal }),
    onReply: (reply) => {
      if (reply.kind === 'success') context.dispatch({ kind: 'vouchers', campaigns: reply.body.campaigns })
      else if (reply.kind === 'rejected' && !isPassing(reply.problem))
        context.dispatch({ kind: 'vouchers', campaigns: [] })
    },
    everyMs: RETRY_MS,
    context,
    signal,
  })
}

/** Claims the voucher that the buyer chose. A repetition finds the same one. */
export async function claimVoucher(...[job, context, signal]: Parameters<Work<'claim'>>): Promise<void> {
  const { campaign, admission } = job
  await poll({
    request: () =>
      ask('POST /sales/{sale}/vouchers/{campaign}', {
        ...{ app: context.orderCoreUrl, params: { sale: context.sale, campaign } },
        // A turn that was extended meanwhile has another admission.
        bearer: context.model().admission ?? admission,
        signal,
      }),
    onReply: (reply) => {
      if (reply.kind === 'success') context.dispatch({ kind: 'claimed', campaign })
      else if (reply.kind === 'rejected') context.dispatch({ kind: 'not-claimed', campaign, problem: reply.problem })
    },
    everyMs: RETRY_MS,
    context,
    signal,
  })
}
