import {
  decideRestart,
  type GivingUpReason,
  type RestartDecision,
  type UnexpectedDeath,
  WORKER_RESTARTS,
} from '@floodgate/processes'

export interface WorkerDeath extends UnexpectedDeath {
  /** Whether any worker of this primary has ever started. */
  readonly anyStarted: boolean
}

export type WorkerGivingUpReason = GivingUpReason | 'never-started'

export type WorkerDecision = RestartDecision | { readonly kind: 'give-up'; readonly reason: 'never-started' }

/**
 * Decides what the primary does about a worker that died without being told to: {@link WORKER_RESTARTS}, but a death before
 * any worker ever started is final, as it is for an app that runs alone: whoever started the app knows better what to do
 * then. Pure.
 */
export function decideWorkerRestart({ anyStarted, ...death }: WorkerDeath): WorkerDecision {
  const decision = decideRestart(WORKER_RESTARTS, death)
  return decision.kind === 'restart' && !anyStarted ? { kind: 'give-up', reason: 'never-started' } : decision
}
