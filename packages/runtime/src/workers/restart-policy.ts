import { exitCodeConfig } from '../refusal.ts'

const SECOND = 1_000
const DELAY_MS = 1 * SECOND
const DELAY_MS_MAX = 30 * SECOND
/** A worker that lived this long was healthy: its death is the first one again. */
const HEALTHY_MS = 60 * SECOND

export type WorkerDeath = {
  readonly exitCode: number | null
  readonly livedMs: number
  /** Deaths of this worker in a row before this one, each after less than a minute. */
  readonly earlyDeaths: number
  /** Whether any worker of this primary has ever started. */
  readonly anyStarted: boolean
}

export type GivingUpReason = 'configuration' | 'never-started'

export type WorkerDecision =
  | { readonly kind: 'restart'; readonly inMs: number; readonly earlyDeaths: number }
  | { readonly kind: 'give-up'; readonly reason: GivingUpReason }

/**
 * What the primary does about a worker that died without being told to. The pause doubles from 1 s to 30 s and begins
 * anew after a minute of life. A wrong configuration (exit code 78) is final; so is a death before any worker ever
 * started, as it is for an app that runs alone: whoever started the app knows better what to do then. Pure.
 */
export const decideWorkerRestart = (death: WorkerDeath): WorkerDecision => {
  if (death.exitCode === exitCodeConfig) return { kind: 'give-up', reason: 'configuration' }
  if (!death.anyStarted) return { kind: 'give-up', reason: 'never-started' }
  const before = death.livedMs >= HEALTHY_MS ? 0 : death.earlyDeaths
  return { kind: 'restart', inMs: Math.min(DELAY_MS_MAX, DELAY_MS * 2 ** before), earlyDeaths: before + 1 }
}
