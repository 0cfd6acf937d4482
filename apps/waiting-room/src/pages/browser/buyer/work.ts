import type {
  Board,
  EndedPass,
  JoinAnswer,
  OrderPlaced,
  OrderResource,
  PublicCatalogue,
  TicketStatus,
} from '@floodgate/contracts'
import { pauseMs } from '../shared/backoff.ts'
import { follow } from '../shared/follow.ts'
import { type Answer, ask } from '../shared/http.ts'
import { isPassing } from '../shared/problem.ts'
import { type Nudges, waitFor } from '../shared/wait.ts'
import type { Job } from './jobs.ts'
import { isUp, keepAsking, pauseAfter } from './keep-asking.ts'
import type { Model } from './model.ts'
import type { Happening } from './reduce.ts'

const SECOND = 1_000
/** Before an opening, and after a close. */
const boardEveryMs = { near: 2 * SECOND, slow: 15 * SECOND }
const catalogueEveryMs = 3 * SECOND
const orderEveryMs = 2 * SECOND
const endedOrderEveryMs = 15 * SECOND
/** Everybody who watched the countdown joins within this time, not at the same moment. */
const openingSpreadMs = SECOND

export interface Surroundings {
  readonly sale: string
  readonly orderCoreUrl: string
  readonly notifierUrl: string
  readonly nudges: Nudges
  readonly model: () => Model
  readonly tell: (happening: Happening) => void
  /** The server's time. */
  readonly now: () => number
}

type Work<Kind extends Job['kind']> = (
  job: Extract<Job, { kind: Kind }>,
  around: Surroundings,
  signal: AbortSignal,
) => Promise<void>

const watchBoard: Work<'watch-board'> = async ({ pace }, around, signal) => {
  // A board that a cache still has can contradict what has just closed the line here.
  if (pace === 'slow') await waitFor(boardEveryMs.near, { signal, nudges: around.nudges })
  await keepAsking({
    question: () => ask<Board>(`/sales/${around.sale}/board`, { signal }),
    hear: (answer) => {
      around.tell({ kind: 'link', up: isUp(answer), at: around.now() })
      if (answer.kind === 'answer') around.tell({ kind: 'board', board: answer.body })
    },
    everyMs: boardEveryMs[pace],
    around,
    signal,
  })
}

/**
 * Only 401 says that the line does not know the buyer; a passing refusal is retried, and nothing is joined meanwhile. After a
 * refused ticket it pauses first, so that a line that rejects the tickets it gave is not asked without end.
 */
const look: Work<'look'> = async (_, around, signal) => {
  const { refusedInRow } = around.model()
  if (refusedInRow > 0) await waitFor(pauseMs(refusedInRow, Math.random()), { signal })
  await keepAsking({
    question: () => ask<TicketStatus>(`/sales/${around.sale}/ticket`, { signal }),
    hear: (answer) => {
      around.tell({ kind: 'link', up: isUp(answer), at: around.now() })
      if (answer.kind === 'answer') around.tell({ kind: 'looked', status: answer.body })
      if (answer.kind === 'refused' && !isPassing(answer.problem)) around.tell({ kind: 'looked', status: undefined })
    },
    everyMs: SECOND,
    around,
    signal,
  })
}

const join: Work<'join'> = async (_, around, signal) => {
  // Those who watched the countdown arrive together; the board told them at the same second.
  if (around.model().opensAt !== null) await waitFor(Math.random() * openingSpreadMs, { signal })
  await keepAsking({
    question: () => ask<JoinAnswer>(`/sales/${around.sale}/tickets`, { method: 'POST', signal }),
    hear: (answer) => {
      // A refusal has a screen of its own, which says why.
      around.tell({ kind: 'link', up: answer.kind !== 'unreachable', at: around.now() })
      if (answer.kind === 'answer') around.tell({ kind: 'joined', answer: answer.body })
      if (answer.kind === 'refused') around.tell({ kind: 'join-refused', problem: answer.problem })
    },
    everyMs: SECOND,
    around,
    signal,
  })
}

const followLine: Work<'follow-line'> = (job, around, signal) =>
  follow<TicketStatus>({
    socket: { url: `/sales/${around.sale}/live`, token: job.ticket },
    ask: (inner) => ask(`/sales/${around.sale}/ticket`, { bearer: job.ticket, signal: inner }),
    pollAfterMs: (status) => status.pollAfterMs,
    onNews: (status) => around.tell({ kind: 'ticket', status }),
    onLink: (up) => around.tell({ kind: 'link', up, at: around.now() }),
    onRefused: (problem) => around.tell({ kind: 'ticket-refused', problem }),
    signal,
    nudges: around.nudges,
  })

/** Asks until there is an answer: the number makes it one extension. A process of an older version has no such address. */
const extend: Work<'extend'> = ({ number, ticket }, around, signal) =>
  keepAsking({
    question: () =>
      ask<TicketStatus>(`/sales/${around.sale}/ticket/extension`, {
        ...{ method: 'POST', bearer: ticket, body: { number }, signal },
      }),
    hear: (answer) => {
      if (answer.kind === 'answer') around.tell({ kind: 'extended', status: answer.body })
      if (answer.kind === 'refused' && !isPassing(answer.problem) && ![404, 405].includes(answer.problem.status))
        around.tell({ kind: 'not-extended', problem: answer.problem })
    },
    everyMs: SECOND,
    around,
    signal,
  })

const watchCatalogue: Work<'watch-catalogue'> = async (_, around, signal) => {
  let askedAt = 0
  await keepAsking({
    question: () => {
      askedAt = around.now()
      return ask<PublicCatalogue>(`${around.orderCoreUrl}/sales/${around.sale}/catalogue`, { signal })
    },
    hear: (answer) => {
      if (answer.kind === 'answer') around.tell({ kind: 'catalogue', catalogue: answer.body, askedAt })
      else around.tell({ kind: 'till', up: isUp(answer), at: around.now() })
    },
    everyMs: catalogueEveryMs,
    around,
    signal,
  })
}

const placeOrder: Work<'place-order'> = async (job, around, signal) => {
  const { checkout } = around.model()
  if (checkout.kind !== 'placing') return
  const { draft, key } = checkout
  await keepAsking({
    question: () =>
      ask<OrderPlaced>(`${around.orderCoreUrl}/orders`, {
        method: 'POST',
        bearer: around.model().admission ?? job.admission,
        key,
        body: draft,
      }),
    hear: (answer) => {
      if (answer.kind === 'answer') around.tell({ kind: 'order', order: answer.body })
      else if (answer.kind === 'refused')
        around.tell({ kind: 'order-refused', problem: answer.problem, at: around.now() })
      else around.tell({ kind: 'till', up: false, at: around.now() })
    },
    everyMs: SECOND,
    around,
    signal,
  })
}

const followOrder: Work<'follow-order'> = (job, around, signal) =>
  follow<OrderResource>({
    socket: { url: `${around.notifierUrl}/live/orders/${job.order}`, token: job.bearer },
    ask: (inner) => ask(`${around.orderCoreUrl}/orders/${job.order}`, { bearer: job.bearer, signal: inner }),
    pollAfterMs: (order) => (order.status === 'pending' ? orderEveryMs : endedOrderEveryMs),
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
const findOrder: Work<'find-order'> = async (job, around, signal) => {
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

const works: { readonly [Kind in Job['kind']]: Work<Kind> } = {
  'watch-board': watchBoard,
  look,
  join,
  'follow-line': followLine,
  extend,
  'watch-catalogue': watchCatalogue,
  'place-order': placeOrder,
  'follow-order': followOrder,
  'find-order': findOrder,
}

/** Does a job until it is done or no longer wanted; what it learns it tells. */
export const doJob = (job: Job, around: Surroundings, signal: AbortSignal): Promise<void> =>
  (works[job.kind] as Work<Job['kind']>)(job, around, signal)
