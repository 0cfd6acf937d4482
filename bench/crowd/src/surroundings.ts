import type { Caller } from './caller.ts'
import type { CrowdObserver } from './observer.ts'
import type { Pause } from './pause.ts'

/** The environment that all buyers of a crowd share. */
export interface Surroundings {
  readonly sale: string
  readonly room: Caller
  readonly core: Caller
  readonly pause: Pause
  readonly observer: CrowdObserver
  readonly paymentMethods: PaymentMethods
  readonly signal: AbortSignal
}

/** The payment methods of buyers who pay, and of those who are declined. */
export interface PaymentMethods {
  readonly buy: string
  readonly beDeclined: string
}

/** The simulator's. */
export const simulatedMethods: PaymentMethods = { buy: 'sim_ok', beDeclined: 'sim_declined' }
