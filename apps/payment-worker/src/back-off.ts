import type { BackOff } from '@floodgate/async'

/** Pauses between the attempts of a charge, and of a refund. */
export const PROVIDER_BACK_OFF: BackOff = { minMs: 500, maxMs: 5_000 }
