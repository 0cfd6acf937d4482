import type { EndedPass, OrderPlaced, OrderResource, TicketStatus } from '@floodgate/contracts'
import { follow } from '../shared/follow.ts'
import { type Answer, ask } from '../shared/http.ts'
import { isPassing } from '../shared/problem.ts'
import { waitFor } from '../shared/wait.ts'
import { isUp, keepAsking, pauseAfter, type Surroundings, type Work } from './keep-asking.ts'

const SECOND = 1_000
const ORDER_EVERY_MS = 2 * SECOND
const ENDED_ORDER_EVERY_MS = 15 * SECOND
/** An order core asks for keys that it does not know 10 s after the last time. */
const PASS_AGAIN_AFTER_MS = 11 * SECOND

export const placeOrder: Work<'place-order'> = async (job, around, signal) => {
  const { checkout } = around.model()
  if (checkout.kind !== 'placing') return
  const { draft, key } = checkout
  if (job.later) await waitFor(PASS_AGAIN_AFTER_MS, { signal })
  let pass = job.admission
  await keepAsking({
    question: () => {
      // A turn that was made longer meanwhile has another one.
      pass = around.model().admission ?? job.admission
      return ask<OrderPlaced>(`${around.orderCoreUrl}/orders`, { method: 'POST', bearer: pass, key, body: draft })
    },
    hear: (answer) => {
      if (answer.kind === 'answer') around.tell({ kind: 'order', order: answer.body })
      else if (answer.kind === 'refused')
        around.tell({ kind: 'order-refused', problem: answer.problem, at: around.now(), pass })
      else around.tell({ kind: 'till', up: false, at: around.now() })
    },
    everyMs: SECOND,
    around,
    signal,
  })
}

export const checkPass: Work<'check-pass'> = async ({ ticket }, around, signal) =>
  keepAsking({
    question: () => ask<TicketStatus>(`/sales/${around.sale}/ticket`, { bearer: ticket, signal }),
    hear: (answer) => {
      around.tell({ kind: 'link', up: isUp(answer), at: around.now() })
      if (answer.kind === 'answer') around.tell({ kind: 'pass-checked', status: answer.body, at: around.now() })
      if (answer.kind === 'refused' && !isPassing(answer.problem))
        around.tell({ kind: 'pass-checked', status: undefined, at: around.now() })
    },
    everyMs: SECOND,
    around,
    signal,
  })

export const followOrder: Work<'follow-order'> = (job, around, signal) =>
  follow<OrderResource>({
    socket: { url: `${around.notifierUrl}/live/orders/${job.order}`, token: job.bearer },
    ask: (inner) => ask(`${around.orderCoreUrl}/orders/${job.order}`, { bearer: job.bearer, signal: inner }),
    pollAfterMs: (order) => (order.status === 'pending' ? ORDER_EVERY_MS : ENDED_ORDER_EVERY_MS),
    onNews: (order) => around.tell({ kind: 'order', order }),
    onLink: (up) => around.tell({ kind: 'link', up, at: around.now() }),
    // The core does not know it (any more), or the pass is a day old: another pass may find it.
    onRefused: () => around.tell({ kind: 'order-lost' }),
    signal,
    nudges: around.nudges,
  })

/** Asks the order core with this admission, else with a pass that the cookies give; the refusal of that pass is an answer too. */
const askWithPass = async <Body>(
  around: Surroundings,
  options: { url: string; admission: string | undefined; signal: AbortSignal },
): Promise<{ answer: Answer<Body>; reader: string | undefined }> => {
  const { url, admission, signal } = options
  if (admission !== undefined) return { answer: await ask<Body>(url, { bearer: admission, signal }), reader: admission }
  const pass = await ask<EndedPass>(`/sales/${around.sale}/ended-pass`, { signal })
  if (pass.kind !== 'answer') return { answer: pass, reader: undefined }
  const reader = pass.body.admission
  return { answer: await ask<Body>(url, { bearer: reader, signal }), reader }
}

/** By the pass of the turn, and when that is too old by one that the cookies give. */
export const findOrder: Work<'find-order'> = async (job, around, signal) => {
  let { admission } = job
  for (let failures = 0; !signal.aborted; ) {
    const url = `${around.orderCoreUrl}/orders`
    const { answer, reader } = await askWithPass<{ orders: OrderResource[] }>(around, { url, admission, signal })
    if (signal.aborted) return
    if (answer.kind === 'answer') return around.tell({ kind: 'orders', orders: answer.body.orders, reader })
    if (answer.kind === 'refused' && !isPassing(answer.problem)) {
      if (admission === undefined) return around.tell({ kind: 'orders', orders: [], reader: undefined })
      admission = undefined
      continue
    }
    failures += 1
    around.tell({ kind: 'orders-late' })
    await waitFor(pauseAfter(answer, { failures, normalMs: SECOND }), { signal, nudges: around.nudges })
  }
}
