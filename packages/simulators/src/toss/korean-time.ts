const OFFSET_MS = 9 * 3_600_000
const WITH_ZONE = /(?:Z|[+-]\d\d:\d\d)$/

/** Formats a time as the provider does: in Korea, to the second, with the offset. */
export function koreanTime(ms: number): string {
  return `${new Date(ms + OFFSET_MS).toISOString().slice(0, 19)}+09:00`
}

/** Reads a time of a query, which is Korea's unless it has an offset. Undefined when it is none. */
export function parseKoreanTime(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const ms = Date.parse(WITH_ZONE.test(text) ? text : `${text}+09:00`)
  return Number.isNaN(ms) ? undefined : ms
}
