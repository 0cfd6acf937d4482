import {
  decideRestart,
  type GiveUpReason,
  type RestartDecision,
  type UnexpectedDeath,
  WORKER_RESTARTS,
} from '@floodgate/processes'

export interface WorkerDeath extends UnexpectedDeath {
  /** Whether any worker of this primary has ever started. */
  readonly anyStarted: boolean
}

export type WorkerGiveUpReason = GiveUpReason | 'never-started'

export type WorkerDecision = RestartDecision | { readonly kind: 'give-up'; readonly reason: 'never-started' }

/**
 * Decides what the primary does after the unexpected death of a worker: {@link WORKER_RESTARTS}, except that a death
 * before any worker ever started is final, as for an app without workers: the cause needs an operator. Pure.
 */
export function decideWorkerRestart({ anyStarted, ...death }: WorkerDeath): WorkerDecision {
  const decision = decideRestart(WORKER_RESTARTS, death)
  return decision.kind === 'restart' && !anyStarted ? { kind: 'give-up', reason: 'never-started' } : decision
}
