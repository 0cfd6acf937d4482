import type { StockChange, TicketStatus } from '@floodgate/contracts'
import { pauseMs, spreadMs } from '../shared/backoff.ts'
import { follow } from '../shared/follow.ts'
import { addressOf, ask } from '../shared/http.ts'
import { isPassing } from '../shared/problem.ts'
import { listenTo } from '../shared/socket.ts'
import { waitFor } from '../shared/wait.ts'
import type { Job } from './jobs.ts'
import { cancelOrder, checkAdmission, findOrder, followOrder, placeOrder, reportReturn } from './order-work.ts'
import { isUp, type JobContext, poll, type Work } from './poll.ts'
import { go, handOver } from './shop-work.ts'
import { missesChanges } from './stock-gap.ts'
import { claimVoucher, readVouchers } from './voucher-work.ts'

const SECOND = 1_000
/** Intervals before an opening, after a close, and after an order that has ended. */
const boardEveryMs = { near: 2 * SECOND, slow: 15 * SECOND, rare: 60 * SECOND }
const CATALOGUE_EVERY_MS = 3 * SECOND
/** All buyers who watched the countdown join within this time, not at the same moment. */
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
    request: () => ask('GET /sales/{sale}/board', { params: context, signal }),
    onReply: (reply) => {
      // The order's own job reports whether the connection is up.
      if (context.model().order === undefined) context.dispatch({ kind: 'link', up: isUp(reply), at: context.now() })
      if (reply.kind === 'success') context.dispatch({ kind: 'board', board: reply.body })
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
  const { rejectedInRow } = context.model()
  if (rejectedInRow > 0) await waitFor(pauseMs(rejectedInRow, Math.random()), { signal })
  await poll({
    request: () => ask('GET /sales/{sale}/ticket', { params: context, signal }),
    onReply: (reply) => {
      context.dispatch({ kind: 'link', up: isUp(reply), at: context.now() })
      if (reply.kind === 'success') context.dispatch({ kind: 'looked', status: reply.body })
      if (reply.kind === 'rejected' && !isPassing(reply.problem))
        context.dispatch({ kind: 'looked', status: undefined })
    },
    everyMs: SECOND,
    context,
    signal,
  })
}

const join: Work<'join'> = async (_, context, signal) => {
  // Browsers that watched the countdown arrive together; the board announced it to all of them in the same second.
  if (context.model().opensAt !== null) await waitFor(Math.random() * openingSpreadMs, { signal })
  await poll({
    request: () => ask('POST /sales/{sale}/tickets', { params: context, idToken: context.identity?.current(), signal }),
    onReply: (reply) => {
      // A rejection has a screen of its own with the reason.
      context.dispatch({ kind: 'link', up: reply.kind !== 'unreachable', at: context.now() })
      if (reply.kind === 'success') context.dispatch({ kind: 'joined', joined: reply.body })
      if (reply.kind !== 'rejected') return
      if (['identity-invalid', 'identity-revoked'].includes(reply.problem.code)) context.identity?.drop()
      context.dispatch({ kind: 'join-rejected', problem: reply.problem })
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
    onRejected: (problem) => context.dispatch({ kind: 'ticket-rejected', problem }),
    signal,
    waker: context.waker,
  })

/** Retries until there is a response: the number makes it one extension. An older process lacks this address. */
const extend: Work<'extend'> = ({ number, ticket }, context, signal) =>
  poll({
    request: () =>
      ask('POST /sales/{sale}/ticket/extension', { params: context, bearer: ticket, body: { number }, signal }),
    onReply: (reply) => {
      if (reply.kind === 'success') context.dispatch({ kind: 'extended', status: reply.body })
      if (reply.kind === 'rejected' && !isPassing(reply.problem) && ![404, 405].includes(reply.problem.status))
        context.dispatch({ kind: 'not-extended', problem: reply.problem })
    },
    everyMs: SECOND,
    context,
    signal,
  })

const watchCatalogue: Work<'watch-catalogue'> = async (_, context, signal) => {
  let askedAt = 0
  await poll({
    request: () => {
      askedAt = context.now()
      return ask('GET /sales/{sale}/catalogue', { app: context.orderCoreUrl, params: context, signal })
    },
    onReply: (reply) => {
      if (reply.kind === 'success') context.dispatch({ kind: 'catalogue', catalogue: reply.body, askedAt })
      else if (isUp(reply)) context.dispatch({ kind: 'no-goods', at: context.now() })
      else context.dispatch({ kind: 'till', up: false, at: context.now() })
    },
    everyMs: CATALOGUE_EVERY_MS,
    context,
    signal,
  })
}

/**
 * Follows the stock by socket, so that an item is shown as sold out, or available again, at once. Without a socket the
 * catalogue tells it some seconds later; it also makes up for what a slow browser missed.
 */
const watchStock: Work<'watch-stock'> = async (_, context, signal) => {
  let version: number | undefined
  const hear = (now: Pick<StockChange, 'version' | 'items'>) => {
    version = now.version
    if (now.items.length > 0) context.dispatch({ kind: 'stock', items: now.items, at: context.now() })
  }
  // A board that a cache kept may be older than the last message: then the next catalogue makes up for it.
  const readBoard = async () => {
    const reply = await ask('GET /live/sales/{sale}/stock', { app: context.notifierUrl, params: context, signal })
    if (reply.kind === 'success' && reply.body.version >= (version ?? 0) && !signal.aborted) hear(reply.body)
  }
  for (let failures = 0; !signal.aborted; ) {
    const query = version === undefined ? {} : { after: version }
    const end = await listenTo({
      url: addressOf('GET /live/sales/{sale}/stock/changes', { app: context.notifierUrl, params: context, query }),
      token: undefined,
      signal,
      onOpen: () => {
        failures = 0
      },
      onMessage: (message) => {
        const change = message as StockChange
        const missed = missesChanges(version, change)
        hear(change)
        if (missed) void readBoard()
      },
    })
    failures += 1
    const wish = end.kind === 'closed' ? end.reconnectAfterMs : undefined
    await waitFor(wish ?? pauseMs(failures, Math.random()), { signal, waker: context.waker })
  }
}

/** Asks once for a reminder: a rejection is shown, and the buyer may press again. */
const remind: Work<'remind'> = async ({ email }, context, signal) => {
  const reply = await ask('POST /live/sales/{sale}/reminders', {
    ...{ app: context.notifierUrl, params: context, body: { email }, signal },
  })
  if (signal.aborted) return
  if (reply.kind === 'success') return context.dispatch({ kind: 'reminder', now: { kind: 'noted' } })
  const problem = reply.kind === 'rejected' ? reply.problem : undefined
  context.dispatch({ kind: 'reminder', now: { kind: 'rejected', problem } })
}

const stopReminders: Work<'stop-reminders'> = ({ token }, context, signal) =>
  poll({
    request: () =>
      ask('POST /live/sales/{sale}/reminders/{token}', {
        ...{ app: context.notifierUrl, params: { sale: context.sale, token }, signal },
      }),
    onReply: (reply) => {
      if (reply.kind === 'success') context.dispatch({ kind: 'reminder', now: { kind: 'stopped' } })
      else if (isUp(reply)) context.dispatch({ kind: 'reminder', now: { kind: 'not-stopped' } })
    },
    everyMs: SECOND,
    context,
    signal,
  })

const works: { readonly [Kind in Job['kind']]: Work<Kind> } = {
  'watch-board': watchBoard,
  look,
  join,
  'follow-line': followLine,
  extend,
  'hand-over': handOver,
  go,
  'watch-catalogue': watchCatalogue,
  'watch-stock': watchStock,
  'read-vouchers': readVouchers,
  claim: claimVoucher,
  remind,
  'stop-reminders': stopReminders,
  'place-order': placeOrder,
  'check-pass': checkAdmission,
  'follow-order': followOrder,
  'report-return': reportReturn,
  'cancel-order': cancelOrder,
  'find-order': findOrder,
}

/** Does a job until it is done or no longer wanted; dispatches what it learns. */
export function doJob(job: Job, context: JobContext, signal: AbortSignal): Promise<void> {
  return (works[job.kind] as Work<Job['kind']>)(job, context, signal)
}
