import type { BackOff } from '@floodgate/async'

/** Pauses between the attempts of a charge, and of a refund. */
export const PROVIDER_BACK_OFF: BackOff = { minMs: 500, maxMs: 5_000 }

/** Pauses between the look-ups of a refund that the provider has as pending, while nothing hints at news. */
export const PENDING_BACK_OFF: BackOff = { minMs: 5_000, maxMs: 3_600_000 }

/** Pauses between the look-ups of a charge that waits for its buyer, while nothing hints at news. */
export const BUYER_BACK_OFF: BackOff = { minMs: 5_000, maxMs: 60_000 }
