import { isPassing } from '../shared/problem.ts'
import type { Model } from './model.ts'
import { goesToShop } from './to-shop.ts'

/** Work of the page. The key identifies it: it runs while it is wanted, once per key. */
export type Job =
  | { readonly kind: 'watch-board'; readonly key: string; readonly pace: 'near' | 'slow' | 'rare' }
  | { readonly kind: 'look'; readonly key: string }
  | { readonly kind: 'join'; readonly key: string }
  /** Without a ticket the cookies identify the buyer. */
  | { readonly kind: 'follow-line'; readonly key: string; readonly ticket: string | undefined }
  | { readonly kind: 'extend'; readonly key: string; readonly number: number; readonly ticket: string | undefined }
  /** Asks for the buyer's address at the shop. */
  | { readonly kind: 'hand-over'; readonly key: string; readonly ticket: string | undefined }
  /** Leaves for the shop at that time. */
  | { readonly kind: 'go'; readonly key: string; readonly at: number }
  | { readonly kind: 'watch-catalogue'; readonly key: string }
  /** Asks for a mail before the opening. */
  | { readonly kind: 'remind'; readonly key: string; readonly email: string }
  /** Ends reminders to the address of a mail. */
  | { readonly kind: 'stop-reminders'; readonly key: string; readonly token: string }
  /** Learns of changes of the stock between two catalogues. */
  | { readonly kind: 'watch-stock'; readonly key: string }
  | { readonly kind: 'read-vouchers'; readonly key: string }
  /** Claims a voucher until there is a response. */
  | { readonly kind: 'claim'; readonly key: string; readonly campaign: string; readonly admission: string }
  /** `later`: after a pause, since the same admission has just been rejected. */
  | { readonly kind: 'place-order'; readonly key: string; readonly admission: string; readonly later: boolean }
  /** Asks the line whether a turn lasts whose admission the order core rejected. */
  | { readonly kind: 'check-pass'; readonly key: string; readonly ticket: string | undefined }
  | { readonly kind: 'follow-order'; readonly key: string; readonly order: string; readonly bearer: string }
  /** Reports the buyer's return from the page of the bank. */
  | {
      readonly kind: 'report-return'
      readonly key: string
      readonly order: string
      readonly proof: Readonly<Record<string, string>>
      readonly bearer: string
    }
  | { readonly kind: 'cancel-order'; readonly key: string; readonly order: string; readonly bearer: string }
  | { readonly kind: 'find-order'; readonly key: string; readonly admission: string | undefined }

/**
 * Watches whether the line can be joined again: once a closed sale is reopened, and as long as an open one is not
 * closed.
 */
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
    case 'join-rejected':
      return isPassing(line.problem) ? [{ kind: 'join', key: 'join' }] : []
    case 'not-open':
      return [{ kind: 'watch-board', key: 'board', pace: 'near' }]
    case 'closed':
      // A sale can be reopened while its line exists.
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

const shopJobs = ({ shop, ticket }: Model): Job[] => {
  const { goesAt } = shop
  const go: Job[] = goesAt === undefined ? [] : [{ kind: 'go', key: `go ${goesAt}`, at: goesAt }]
  return [{ kind: 'hand-over', key: 'hand-over', ticket }, ...go]
}

const mayRetry = (order: NonNullable<Model['order']>) =>
  order.status === 'cancelled' &&
  'cancelReason' in order &&
  (order.cancelReason === 'declined' || order.cancelReason === 'abandoned')

const placingJob = (
  { key, rejectedAdmission }: Extract<Model['checkout'], { kind: 'placing' }>,
  { admission, ticket }: { admission: string; ticket: string | undefined },
): Job => {
  if (rejectedAdmission === undefined) return { kind: 'place-order', key: `place ${key}`, admission, later: false }
  const { times, repeat } = rejectedAdmission
  if (repeat === undefined) return { kind: 'check-pass', key: `check ${key} ${times}`, ticket }
  return { kind: 'place-order', key: `place ${key} ${times}`, admission, later: repeat === 'later' }
}

type BuyerJob = Extract<Job, { kind: 'report-return' | 'cancel-order' }>

/**
 * Returns what the buyer has done about an order, for the order core: a return from the page of the bank, once, as soon
 * as the page may read the order that its address names, and a cancellation.
 */
export function buyerJobs({ cameBack, cancelling }: Model, order: string, bearer: string): readonly BuyerJob[] {
  const proof = cameBack?.order === order ? cameBack.proof : undefined
  const cancels = cancelling?.state === 'asked' && cancelling.order === order
  return [
    ...(proof === undefined ? [] : [{ kind: 'report-return' as const, key: `return ${order}`, order, proof, bearer }]),
    ...(cancels ? [{ kind: 'cancel-order' as const, key: `cancel ${order}`, order, bearer }] : []),
  ]
}

/** Reads the vouchers once a turn, and again after a claim: until then an operator may have changed their terms. */
const readVouchersJobs = ({ vouchers, claim }: Model): Job[] => {
  if (claim?.kind === 'claimed')
    return claim.termsRead ? [] : [{ kind: 'read-vouchers', key: `vouchers after ${claim.campaign}` }]
  return vouchers === undefined ? [{ kind: 'read-vouchers', key: 'vouchers' }] : []
}

const voucherJobs = (model: Model): Job[] => {
  const { claim, admission } = model
  const read = readVouchersJobs(model)
  if (claim?.kind !== 'asked' || admission === undefined) return read
  const { campaign } = claim
  return [...read, { kind: 'claim', key: `claim ${campaign}`, campaign, admission }]
}

const orderJobs = (model: Model): Job[] => {
  const { line, ticket, checkout, order, admission, reader, search, catalogue } = model
  const bearer = admission ?? reader
  if (checkout.kind === 'placing' && admission !== undefined) return [placingJob(checkout, { admission, ticket })]
  if (checkout.kind === 'placed' && bearer !== undefined) {
    // Even an ended order is followed: a late payment is refunded, and the buyer should see it.
    const follow: Job[] =
      order?.status === 'refunded'
        ? []
        : [{ kind: 'follow-order', key: `order ${checkout.order} ${bearer}`, order: checkout.order, bearer }]
    // After a reload the receipt still needs the items' names.
    const jobs = [...follow, ...buyerJobs(model, checkout.order, bearer)]
    return catalogue === undefined ? [...jobs, { kind: 'watch-catalogue', key: 'names' }] : jobs
  }
  const find: Job[] = search === 'none' ? [] : [{ kind: 'find-order', key: 'find', admission }]
  if (line.kind !== 'admitted') return find
  return [
    ...find,
    { kind: 'watch-catalogue', key: 'catalogue' },
    { kind: 'watch-stock', key: 'stock' },
    ...voucherJobs(model),
  ]
}

const reminderJobs = ({ reminder }: Model): Job[] => {
  if (reminder.kind === 'asked') return [{ kind: 'remind', key: `remind ${reminder.email}`, email: reminder.email }]
  if (reminder.kind === 'stopping') return [{ kind: 'stop-reminders', key: 'stop-reminders', token: reminder.token }]
  return []
}

/** Derives the wanted jobs from the model. */
export function jobsOf(model: Model): Job[] {
  const inside = goesToShop(model) ? shopJobs(model) : orderJobs(model)
  return [...lineJobs(model), ...extensionJobs(model), ...reminderJobs(model), ...inside]
}
