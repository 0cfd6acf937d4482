import type { TicketStatus } from '@floodgate/contracts'
import { pauseMs, spreadMs } from '../shared/backoff.ts'
import { follow } from '../shared/follow.ts'
import { addressOf, ask } from '../shared/http.ts'
import { isPassing } from '../shared/problem.ts'
import { waitFor } from '../shared/wait.ts'
import type { Job } from './jobs.ts'
import { checkAdmission, findOrder, followOrder, placeOrder } from './order-work.ts'
import { isUp, type JobContext, poll, type Work } from './poll.ts'
import { go, handOver } from './shop-work.ts'

const SECOND = 1_000
/** Intervals before an opening, after a close, and after an order that has ended. */
const boardEveryMs = { near: 2 * SECOND, slow: 15 * SECOND, rare: 60 * SECOND }
const CATALOGUE_EVERY_MS = 3 * SECOND
/** Everybody who watched the countdown joins within this time, not at the same moment. */
const openingSpreadMs = SECOND

const watchBoard: Work<'watch-board'> = async ({ pace }, context, signal) => {
  // A cached board can contradict what has just closed the line here.
  if (pace === 'slow') await waitFor(boardEveryMs.near, { signal, waker: context.waker })
  // Known from the page or the ticket; otherwise all browsers would ask at the same moment.
  if (pace === 'rare')
    await waitFor(spreadMs(boardEveryMs[context.model().saleState === undefined ? 'near' : 'rare'], Math.random()), {
      ...{ signal, waker: context.waker },
    })
  await poll({
    question: () => ask('GET /sales/{sale}/board', { params: context, signal }),
    hear: (answer) => {
      // The order's own job reports whether the connection is up.
      if (context.model().order === undefined) context.dispatch({ kind: 'link', up: isUp(answer), at: context.now() })
      if (answer.kind === 'answer') context.dispatch({ kind: 'board', board: answer.body })
    },
    everyMs: boardEveryMs[pace],
    context,
    signal,
  })
}

/**
 * Looks up the buyer's state. Only 401 means that the line does not know the buyer; a temporary rejection is retried,
 * and nothing is joined meanwhile. Pauses after a rejected ticket, so that a line that rejects its own tickets is not
 * asked without end.
 */
const look: Work<'look'> = async (_, context, signal) => {
  const { refusedInRow } = context.model()
  if (refusedInRow > 0) await waitFor(pauseMs(refusedInRow, Math.random()), { signal })
  await poll({
    question: () => ask('GET /sales/{sale}/ticket', { params: context, signal }),
    hear: (answer) => {
      context.dispatch({ kind: 'link', up: isUp(answer), at: context.now() })
      if (answer.kind === 'answer') context.dispatch({ kind: 'looked', status: answer.body })
      if (answer.kind === 'refused' && !isPassing(answer.problem))
        context.dispatch({ kind: 'looked', status: undefined })
    },
    everyMs: SECOND,
    context,
    signal,
  })
}

const join: Work<'join'> = async (_, context, signal) => {
  // Browsers that watched the countdown arrive together; the board told all of them in the same second.
  if (context.model().opensAt !== null) await waitFor(Math.random() * openingSpreadMs, { signal })
  await poll({
    question: () =>
      ask('POST /sales/{sale}/tickets', { params: context, idToken: context.identity?.current(), signal }),
    hear: (answer) => {
      // A rejection has a screen of its own with the reason.
      context.dispatch({ kind: 'link', up: answer.kind !== 'unreachable', at: context.now() })
      if (answer.kind === 'answer') context.dispatch({ kind: 'joined', answer: answer.body })
      if (answer.kind !== 'refused') return
      if (['identity-invalid', 'identity-revoked'].includes(answer.problem.code)) context.identity?.drop()
      context.dispatch({ kind: 'join-refused', problem: answer.problem })
    },
    everyMs: SECOND,
    context,
    signal,
  })
}

const followLine: Work<'follow-line'> = (job, context, signal) =>
  follow<TicketStatus>({
    socket: { url: addressOf('GET /sales/{sale}/live', { params: context }), token: job.ticket },
    ask: (inner) => ask('GET /sales/{sale}/ticket', { params: context, bearer: job.ticket, signal: inner }),
    pollAfterMs: (status) => status.pollAfterMs,
    onNews: (status) => context.dispatch({ kind: 'ticket', status }),
    onLink: (up) => context.dispatch({ kind: 'link', up, at: context.now() }),
    onRefused: (problem) => context.dispatch({ kind: 'ticket-refused', problem }),
    signal,
    waker: context.waker,
  })

/** Retries until there is a response: the number makes it one extension. An older process lacks this address. */
const extend: Work<'extend'> = ({ number, ticket }, context, signal) =>
  poll({
    question: () =>
      ask('POST /sales/{sale}/ticket/extension', { params: context, bearer: ticket, body: { number }, signal }),
    hear: (answer) => {
      if (answer.kind === 'answer') context.dispatch({ kind: 'extended', status: answer.body })
      if (answer.kind === 'refused' && !isPassing(answer.problem) && ![404, 405].includes(answer.problem.status))
        context.dispatch({ kind: 'not-extended', problem: answer.problem })
    },
    everyMs: SECOND,
    context,
    signal,
  })

const watchCatalogue: Work<'watch-catalogue'> = async (_, context, signal) => {
  let askedAt = 0
  await poll({
    question: () => {
      askedAt = context.now()
      return ask('GET /sales/{sale}/catalogue', { app: context.orderCoreUrl, params: context, signal })
    },
    hear: (answer) => {
      if (answer.kind === 'answer') context.dispatch({ kind: 'catalogue', catalogue: answer.body, askedAt })
      else if (isUp(answer)) context.dispatch({ kind: 'no-goods', at: context.now() })
      else context.dispatch({ kind: 'till', up: false, at: context.now() })
    },
    everyMs: CATALOGUE_EVERY_MS,
    context,
    signal,
  })
}

const works: { readonly [Kind in Job['kind']]: Work<Kind> } = {
  'watch-board': watchBoard,
  look,
  join,
  'follow-line': followLine,
  extend,
  'hand-over': handOver,
  go,
  'watch-catalogue': watchCatalogue,
  'place-order': placeOrder,
  'check-pass': checkAdmission,
  'follow-order': followOrder,
  'find-order': findOrder,
}

/** Does a job until it is done or no longer wanted; dispatches what it learns. */
export function doJob(job: Job, context: JobContext, signal: AbortSignal): Promise<void> {
  return (works[job.kind] as Work<Job['kind']>)(job, context, signal)
}
