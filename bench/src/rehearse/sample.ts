import type { SaleCounts, SaleFairness } from '@floodgate/contracts'

export type LoadedApp = 'waiting room' | 'order core' | 'payment worker'

/** The state of a deployment at one moment. Values that could not be read are missing. */
export interface Sample {
  /** Milliseconds since the first buyer. */
  readonly atMs: number
  readonly counts?: SaleCounts
  readonly fairness?: SaleFairness
  readonly stock?: { readonly total: number; readonly sold: number; readonly held: number; readonly agree: boolean }
  readonly apps: readonly AppSample[]
}

/** An app's metrics since the previous sample: of one process, or of all processes behind one port. */
export interface AppSample {
  readonly app: LoadedApp
  /** Event loop utilization, 0 to 1. */
  readonly loopUtilization?: number
  readonly requests: number
  readonly p95Ms: number
  readonly serverErrors: number
  /** The p95 duration of a waiting-room tick: one round trip to a Redis script. */
  readonly tickP95Ms?: number
  /** Orders that wait for their group commit. */
  readonly queuedOrders?: number
  /** The p95 time that a charge waited for `PROVIDER_WRITES_PER_SECOND_MAX`. */
  readonly paceP95Ms?: number
  /** Calls that the payment provider rejected as too many. */
  readonly limitedCalls?: number
}
