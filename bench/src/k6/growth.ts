export interface Sample {
  readonly atSeconds: number
  readonly mib: number
}

/**
 * Returns the share by which memory grew over the second half of the samples: the rise of the straight line that fits
 * them best (least squares), relative to their mean. The warm-up is in the first half and does not count. Pure.
 */
export function growth(samples: readonly Sample[]): { readonly share: number; readonly endMib: number } {
  const half = samples.slice(Math.floor(samples.length / 2))
  const endMib = samples.at(-1)?.mib ?? 0
  const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
  const meanAt = meanOf(half.map(({ atSeconds }) => atSeconds))
  const meanMib = meanOf(half.map(({ mib }) => mib))
  const spread = half.reduce((sum, { atSeconds }) => sum + (atSeconds - meanAt) ** 2, 0)
  if (half.length < 2 || spread === 0) return { share: 0, endMib }
  const slope = half.reduce((sum, { atSeconds, mib }) => sum + (atSeconds - meanAt) * (mib - meanMib), 0) / spread
  const seconds = (half.at(-1)?.atSeconds ?? 0) - (half[0]?.atSeconds ?? 0)
  return { share: (slope * seconds) / meanMib, endMib }
}
