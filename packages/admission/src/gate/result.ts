import type { Decision } from './decide.ts'
import type { Pass } from './pass.ts'
import type { GateHeader, GateResponse } from './respond.ts'

export interface GateResult {
  readonly decision: Decision
  /** The verified pass of an admitted buyer. */
  readonly pass?: Pass
  /** What to send instead of the shop's own response. */
  readonly response?: GateResponse
  /** What to add to the shop's own response. */
  readonly headers: readonly GateHeader[]
  /** The origin that the buyer's browser sees, as far as the gate can tell. */
  readonly origin?: string
}

export type Extended =
  /** `headers` renew the cookie. */
  | { readonly kind: 'extended'; readonly pass: Pass; readonly headers: readonly GateHeader[] }
  /** Such as `extensions-used`, `extensions-off`, `no-turn`, `turn-has-order`. */
  | { readonly kind: 'rejected'; readonly code: string }
  | { readonly kind: 'unavailable' }

/** `headers` clear the cookie. */
export type Finished = { readonly headers: readonly GateHeader[] } & (
  | { readonly kind: 'finished' }
  | { readonly kind: 'rejected'; readonly code: string }
  /** No attempt was confirmed. The slot returns at its deadline, or by another call. */
  | { readonly kind: 'unavailable' }
)
