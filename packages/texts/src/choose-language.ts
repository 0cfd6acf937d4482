/** The inputs of the choice of a language. */
export interface LanguageWish {
  /** The sale's own setting, which takes precedence. */
  readonly setting?: string | null | undefined
  /** The header of that name (RFC 9110 §12.5.4). */
  readonly acceptLanguage?: string | null | undefined
}

/** The rest is not read: a header may have many kilobytes, and browsers send less than this. */
const HEADER_CHARACTERS_MAX = 512
const RANGES_MAX = 16

const RANGE =
  /^\s*(?<tag>\*|[a-z]{1,8}(?:-[a-z0-9]{1,8})*)\s*(?:;\s*q\s*=\s*(?<quality>1(?:\.0{0,3})?|0(?:\.[0-9]{0,3})?)\s*)?$/i

interface Range {
  readonly tag: string
  readonly quality: number
}

function rangesOf(header: string): readonly Range[] {
  const parts = header.slice(0, HEADER_CHARACTERS_MAX).split(',')
  // The last range may be truncated.
  if (header.length > HEADER_CHARACTERS_MAX) parts.pop()
  return parts.slice(0, RANGES_MAX).flatMap((part) => {
    const { tag, quality } = RANGE.exec(part)?.groups ?? {}
    return tag === undefined ? [] : [{ tag: tag.toLowerCase(), quality: Number(quality ?? 1) }]
  })
}

/**
 * Returns the longest tag that the range equals or begins with (RFC 4647 §3.4). Does not shorten the range step by
 * step: a range of hundreds of subtags would cost the square of them.
 */
function lookUp(range: string, tags: readonly string[]): string | undefined {
  const wanted = `${range}-`
  const found = tags.filter((tag) => wanted.startsWith(`${tag.toLowerCase()}-`))
  return found.toSorted((one, other) => other.length - one.length)[0]
}

/**
 * Chooses a buyer's language from `tags`: the sale's setting, then the browser's preferences by lookup (RFC 4647 §3.4),
 * then the first of `tags`. Ignores a setting that is not among them, made by a newer process. Never throws, whatever
 * the header holds.
 */
export function chooseLanguage(
  { setting, acceptLanguage }: LanguageWish,
  tags: readonly [string, ...string[]],
): string {
  const set = tags.find((tag) => tag === setting)
  if (set !== undefined || !acceptLanguage) return set ?? tags[0]
  const ranges = rangesOf(acceptLanguage)
  const isRejected = (tag: string) => ranges.some((range) => range.quality === 0 && range.tag === tag.toLowerCase())
  const left = tags.filter((tag) => !isRejected(tag))
  for (const { tag, quality } of ranges.toSorted((one, other) => other.quality - one.quality)) {
    if (quality === 0) break
    const found = tag === '*' ? left[0] : lookUp(tag, left)
    if (found !== undefined) return found
  }
  return tags[0]
}
