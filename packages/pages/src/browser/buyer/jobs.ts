import { isPassing } from '../shared/problem.ts'
import type { Model } from './model.ts'

/** What the page should be busy with. The key is its identity: it runs while it is wanted, under one key once. */
export type Job =
  | { readonly kind: 'watch-board'; readonly key: string; readonly pace: 'near' | 'slow' | 'rare' }
  | { readonly kind: 'look'; readonly key: string }
  | { readonly kind: 'join'; readonly key: string }
  /** Without a ticket the cookies name the buyer. */
  | { readonly kind: 'follow-line'; readonly key: string; readonly ticket: string | undefined }
  | { readonly kind: 'extend'; readonly key: string; readonly number: number; readonly ticket: string | undefined }
  | { readonly kind: 'watch-catalogue'; readonly key: string }
  /** `later`: after a pause, since the same pass has just been refused. */
  | { readonly kind: 'place-order'; readonly key: string; readonly admission: string; readonly later: boolean }
  /** Asks the line whether a turn lasts whose pass the order core did not take. */
  | { readonly kind: 'check-pass'; readonly key: string; readonly ticket: string | undefined }
  | { readonly kind: 'follow-order'; readonly key: string; readonly order: string; readonly bearer: string }
  | { readonly kind: 'find-order'; readonly key: string; readonly admission: string | undefined }

/** Whether the line can be joined again: it can once a closed sale is opened, and as long as an open one is not closed. */
const watchWhetherOpen = ({ saleState }: Model): Job =>
  saleState === 'closed'
    ? { kind: 'watch-board', key: 'closed', pace: 'slow' }
    : { kind: 'watch-board', key: 'again', pace: 'rare' }

const lineJobs = (model: Model): Job[] => {
  const { line, ticket, order, checkout, search } = model
  const decided = order !== undefined && order.status !== 'pending' && !mayRetry(order)
  const afterOrder: Job[] = decided ? [{ kind: 'watch-board', key: 'again', pace: 'rare' }] : []
  switch (line.kind) {
    case 'looking':
      return checkout.kind === 'placed' ? afterOrder : [{ kind: 'look', key: 'look' }]
    case 'arriving':
      return checkout.kind === 'placed' ? afterOrder : [{ kind: 'join', key: 'join' }]
    case 'join-refused':
      return isPassing(line.problem) ? [{ kind: 'join', key: 'join' }] : []
    case 'not-open':
      return [{ kind: 'watch-board', key: 'board', pace: 'near' }]
    case 'closed':
      // A sale can be opened again while its line exists.
      return order === undefined ? [{ kind: 'watch-board', key: 'closed', pace: 'slow' }] : afterOrder
    case 'waiting':
    case 'admitted':
      return decided ? afterOrder : [{ kind: 'follow-line', key: `line ${ticket ?? ''}`, ticket }]
    case 'unknown':
    case 'expired':
    case 'left':
    case 'finished':
    case 'turn-over':
      if (order?.status === 'pending' || search === 'wanted') return []
      return order === undefined ? [watchWhetherOpen(model)] : [{ kind: 'watch-board', key: 'again', pace: 'rare' }]
  }
}

const extensionJobs = ({ line, moreTime, ticket }: Model): Job[] =>
  line.kind === 'admitted' && moreTime.kind === 'asked'
    ? [{ kind: 'extend', key: `extend ${moreTime.number}`, number: moreTime.number, ticket }]
    : []

const mayRetry = (order: NonNullable<Model['order']>) =>
  order.status === 'cancelled' &&
  'cancelReason' in order &&
  (order.cancelReason === 'declined' || order.cancelReason === 'abandoned')

const placingJob = (
  { key, refusedAdmission }: Extract<Model['checkout'], { kind: 'placing' }>,
  { admission, ticket }: { admission: string; ticket: string | undefined },
): Job => {
  if (refusedAdmission === undefined) return { kind: 'place-order', key: `place ${key}`, admission, later: false }
  const { times, repeat } = refusedAdmission
  if (repeat === undefined) return { kind: 'check-pass', key: `check ${key} ${times}`, ticket }
  return { kind: 'place-order', key: `place ${key} ${times}`, admission, later: repeat === 'later' }
}

const orderJobs = ({ line, ticket, checkout, order, admission, reader, search, catalogue }: Model): Job[] => {
  const bearer = admission ?? reader
  if (checkout.kind === 'placing' && admission !== undefined) return [placingJob(checkout, { admission, ticket })]
  if (checkout.kind === 'placed' && bearer !== undefined) {
    // Even an ended order is followed: money that comes late is given back, and the buyer should see it.
    const follow: Job[] =
      order?.status === 'refunded'
        ? []
        : [{ kind: 'follow-order', key: `order ${checkout.order} ${bearer}`, order: checkout.order, bearer }]
    // After a reload the receipt still needs the items' names.
    return catalogue === undefined ? [...follow, { kind: 'watch-catalogue', key: 'names' }] : follow
  }
  const find: Job[] = search === 'none' ? [] : [{ kind: 'find-order', key: 'find', admission }]
  return line.kind === 'admitted' ? [...find, { kind: 'watch-catalogue', key: 'catalogue' }] : find
}

/** The work that follows from what is known. */
export function jobsOf(model: Model): Job[] {
  return [...lineJobs(model), ...extensionJobs(model), ...orderJobs(model)]
}
