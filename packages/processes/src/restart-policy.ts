import { type BackOff, doublingMs } from '@floodgate/async'

const SECOND = 1_000

/** `EX_CONFIG` of sysexits.h: the process reports that its configuration is wrong. A restart cannot fix that. */
export const EXIT_CODE_CONFIGURATION = 78

/** Decides when a process that died is restarted, and when it is given up. */
export interface RestartPolicy {
  /** The pause doubles with each counted death. */
  readonly backOff: BackOff
  /** The time for which a death counts. */
  readonly countedMs: number
  /** A process that lived this long was healthy: no earlier death counts. */
  readonly healthyMs: number
  /** The number of counted deaths at which it is given up. */
  readonly deathsMax: number
}

/** For a system that a person watches: restarts at once, and gives up soon when it dies at each start. */
export const SYSTEM_RESTARTS: RestartPolicy = {
  backOff: { minMs: 100, maxMs: 2 * SECOND },
  countedMs: 30 * SECOND,
  healthyMs: Number.POSITIVE_INFINITY,
  deathsMax: 5,
}

/** For the workers of an app in production: never gives up. */
export const WORKER_RESTARTS: RestartPolicy = {
  backOff: { minMs: SECOND, maxMs: 30 * SECOND },
  countedMs: Number.POSITIVE_INFINITY,
  healthyMs: 60 * SECOND,
  deathsMax: Number.POSITIVE_INFINITY,
}

export interface UnexpectedDeath {
  readonly exitCode: number | null
  readonly livedMs: number
  /** The earlier deaths that still count, as the last decision returned them. */
  readonly deathTimes: readonly number[]
  readonly now: number
}

export type GiveUpReason = 'configuration' | 'too-many-deaths'

export type RestartDecision =
  | { readonly kind: 'restart'; readonly inMs: number; readonly deathTimes: readonly number[] }
  | { readonly kind: 'give-up'; readonly reason: GiveUpReason }

/** More deaths than any pause needs to reach its maximum. */
const DEATHS_REMEMBERED_MAX = 32

/** Decides what to do about a process that died unexpectedly. Pure. */
export function decideRestart(policy: RestartPolicy, death: UnexpectedDeath): RestartDecision {
  if (death.exitCode === EXIT_CODE_CONFIGURATION) return { kind: 'give-up', reason: 'configuration' }
  const before = death.livedMs >= policy.healthyMs ? [] : death.deathTimes
  const counted = before.filter((at) => death.now - at < policy.countedMs)
  const deathTimes = [...counted, death.now].slice(-DEATHS_REMEMBERED_MAX)
  if (deathTimes.length >= policy.deathsMax) return { kind: 'give-up', reason: 'too-many-deaths' }
  return { kind: 'restart', inMs: doublingMs(policy.backOff, deathTimes.length - 1), deathTimes }
}
