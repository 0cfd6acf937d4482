import type { Job } from './jobs.ts'
import type { Model } from './model.ts'

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
