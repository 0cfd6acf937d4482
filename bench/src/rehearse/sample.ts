import type { SaleCounts, SaleFairness } from '@floodgate/contracts'

export type LoadedApp = 'waiting room' | 'order core'

/** What a deployment looked like at one moment; what could not be read is missing. */
export interface Sample {
  /** Since the first buyer. */
  readonly atMs: number
  readonly counts?: SaleCounts
  readonly fairness?: SaleFairness
  readonly stock?: { readonly total: number; readonly sold: number; readonly held: number; readonly agree: boolean }
  readonly apps: readonly AppSample[]
}

/** What an app's own metrics say of the time since the sample before; of one process of it, or of all behind one port. */
export interface AppSample {
  readonly app: LoadedApp
  /** Busy share of the event loop, up to 1. */
  readonly loopUtilization?: number
  readonly requests: number
  readonly p95Ms: number
  readonly serverErrors: number
  /** A waiting room's tick: one script in Redis, there and back. */
  readonly tickP95Ms?: number
  /** Orders that wait for their group commit. */
  readonly queuedOrders?: number
}
