import type { Model } from './model.ts'

/** What the page should be busy with. The key is its identity: it runs while it is wanted, under one key once. */
export type Job =
  | { readonly kind: 'watch-board'; readonly key: string; readonly pace: 'near' | 'slow' }
  | { readonly kind: 'join'; readonly key: string }
  | { readonly kind: 'follow-line'; readonly key: string; readonly ticket: string }
  | { readonly kind: 'watch-catalogue'; readonly key: string }
  | { readonly kind: 'place-order'; readonly key: string; readonly admission: string }
  | { readonly kind: 'follow-order'; readonly key: string; readonly order: string; readonly admission: string }
  | { readonly kind: 'find-order'; readonly key: string; readonly admission: string }

const lineJobs = ({ line, ticket, order, checkout, saleState }: Model): Job[] => {
  const decided = order !== undefined && order.status !== 'pending' && !mayRetry(order)
  switch (line.kind) {
    case 'arriving':
      return checkout.kind === 'placed' ? [] : [{ kind: 'join', key: 'join' }]
    case 'not-open':
      return [{ kind: 'watch-board', key: 'board', pace: 'near' }]
    case 'closed':
      // A sale can be opened again while its line exists.
      return order === undefined ? [{ kind: 'watch-board', key: 'closed', pace: 'slow' }] : []
    case 'waiting':
    case 'admitted':
      return ticket === undefined || decided ? [] : [{ kind: 'follow-line', key: `line ${ticket}`, ticket }]
    case 'expired':
    case 'left':
    case 'finished':
      // Whether the line can be joined again.
      return saleState === 'closed' && order === undefined ? [{ kind: 'watch-board', key: 'closed', pace: 'slow' }] : []
  }
}

const mayRetry = (order: NonNullable<Model['order']>) =>
  order.status === 'cancelled' &&
  'cancelReason' in order &&
  (order.cancelReason === 'declined' || order.cancelReason === 'abandoned')

const orderJobs = ({ line, checkout, order, admission, catalogue }: Model): Job[] => {
  if (admission === undefined) return []
  if (checkout.kind === 'placing') return [{ kind: 'place-order', key: `place ${checkout.key}`, admission }]
  if (checkout.kind === 'placed') {
    // Even an ended order is followed: money that comes late is given back, and the buyer should see it.
    const follow: Job[] =
      order?.status === 'refunded'
        ? []
        : [{ kind: 'follow-order', key: `order ${checkout.order}`, order: checkout.order, admission }]
    // After a reload the receipt still needs the items' names.
    return catalogue === undefined ? [...follow, { kind: 'watch-catalogue', key: 'names' }] : follow
  }
  if (line.kind === 'admitted') return [{ kind: 'watch-catalogue', key: 'catalogue' }]
  if (line.kind === 'finished') return [{ kind: 'find-order', key: 'find', admission }]
  return []
}

/** The work that follows from what is known. */
export const jobsOf = (model: Model): Job[] => [...lineJobs(model), ...orderJobs(model)]
