import type { Board, JoinAnswer, PublicCatalogue, TicketStatus } from '@floodgate/contracts'
import { pauseMs, spreadMs } from '../shared/backoff.ts'
import { follow } from '../shared/follow.ts'
import { ask } from '../shared/http.ts'
import { isPassing } from '../shared/problem.ts'
import { waitFor } from '../shared/wait.ts'
import type { Job } from './jobs.ts'
import { isUp, keepAsking, type Surroundings, type Work } from './keep-asking.ts'
import { checkPass, findOrder, followOrder, placeOrder } from './order-work.ts'

const SECOND = 1_000
/** Before an opening, after a close, and after an order that has ended. */
const boardEveryMs = { near: 2 * SECOND, slow: 15 * SECOND, rare: 60 * SECOND }
const CATALOGUE_EVERY_MS = 3 * SECOND
/** Everybody who watched the countdown joins within this time, not at the same moment. */
const openingSpreadMs = SECOND

const watchBoard: Work<'watch-board'> = async ({ pace }, around, signal) => {
  // A board that a cache still has can contradict what has just closed the line here.
  if (pace === 'slow') await waitFor(boardEveryMs.near, { signal, nudges: around.nudges })
  // Known from the page or the ticket, else asked by all at their own moment.
  if (pace === 'rare')
    await waitFor(spreadMs(boardEveryMs[around.model().saleState === undefined ? 'near' : 'rare'], Math.random()), {
      ...{ signal, nudges: around.nudges },
    })
  await keepAsking({
    question: () => ask<Board>(`/sales/${around.sale}/board`, { signal }),
    hear: (answer) => {
      // An order is followed beside it, which says whether the connection is up.
      if (around.model().order === undefined) around.tell({ kind: 'link', up: isUp(answer), at: around.now() })
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
      else if (isUp(answer)) around.tell({ kind: 'no-goods', at: around.now() })
      else around.tell({ kind: 'till', up: false, at: around.now() })
    },
    everyMs: CATALOGUE_EVERY_MS,
    around,
    signal,
  })
}

const works: { readonly [Kind in Job['kind']]: Work<Kind> } = {
  'watch-board': watchBoard,
  look,
  join,
  'follow-line': followLine,
  extend,
  'watch-catalogue': watchCatalogue,
  'place-order': placeOrder,
  'check-pass': checkPass,
  'follow-order': followOrder,
  'find-order': findOrder,
}

/** Does a job until it is done or no longer wanted; what it learns it tells. */
export function doJob(job: Job, around: Surroundings, signal: AbortSignal): Promise<void> {
  return (works[job.kind] as Work<Job['kind']>)(job, around, signal)
}
