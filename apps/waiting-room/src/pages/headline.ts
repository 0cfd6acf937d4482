import type { Headline } from '@floodgate/pages'
import type { Snapshot } from '../snapshot/snapshot.ts'

/** What a page says about a sale at first, from its last snapshot. */
export const headlineOf = ({
  name,
  publicState,
  opensAtMs,
  returnSeconds,
  admissionTtlSeconds,
  frameOrigins,
  language,
}: Snapshot): Headline => ({
  name,
  saleState: publicState,
  returnSeconds,
  turnSeconds: admissionTtlSeconds,
  frameOrigins,
  language,
  opensAt: opensAtMs === undefined ? null : new Date(opensAtMs).toISOString(),
})
