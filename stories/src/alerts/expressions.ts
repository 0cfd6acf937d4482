import type { Rule } from '@floodgate/dev/observability'

/** Half a minute of the rules is a second here. */
const FACTOR = 30
/** A rate needs several scrapes. */
const RANGE_SECONDS_MIN = 8
/** Parts reconnect as slowly as in reality. */
const PENDING_SECONDS_MIN = 5
const SECONDS_OF = { s: 1, m: 60, h: 3_600 } as const

/** Divides every duration of the rules by thirty: ranges, offsets and the time that an alert is pending. Pure. */
export function shortenRules(rules: string): string {
  function shorten(seconds: number, min: number): string {
    return `${Math.max(min, Math.round(seconds / FACTOR))}s`
  }
  return rules
    .replaceAll(/\[(\d+)([smh])\]/g, (_, count, unit) => `[${shorten(secondsOf(count, unit), RANGE_SECONDS_MIN)}]`)
    .replaceAll(/\boffset (\d+)([smh])/g, (_, count, unit) => `offset ${shorten(secondsOf(count, unit), 1)}`)
    .replaceAll(
      /\bfor: (\d+)([smh])/g,
      (_, count, unit) => `for: ${shorten(secondsOf(count, unit), PENDING_SECONDS_MIN)}`,
    )
}

function secondsOf(count: string, unit: string): number {
  return Number(count) * SECONDS_OF[unit as keyof typeof SECONDS_OF]
}

/** Records that exist only during an outage. The expressions that record them are checked instead. */
const ABSENT_WHEN_WELL = /^floodgate:(?:part_down|provider_down|mail_server_down)/

/**
 * Returns what a rule compares: the operands of its `or`, without thresholds, without what silences them, and without
 * offsets. Pure.
 */
export function operandsOf({ expr }: Pick<Rule, 'expr'>): readonly string[] {
  const text = expr.replaceAll(/\s+/g, ' ').trim()
  return splitOutside(text, ' or ').flatMap((operand) => {
    const [compared = ''] = splitOutside(operand, ' unless ')
    const inner = /^\((.*)\)$/.exec(compared.trim())?.[1]
    if (inner !== undefined) return operandsOf({ expr: inner })
    const bare = compared
      .replaceAll(/ (?:[<>]=?|[=!]=) (?:bool )?[\d.]+/g, '')
      .replaceAll(/ offset \w+/g, '')
      .trim()
    return ABSENT_WHEN_WELL.test(bare) ? [] : [bare]
  })
}

/** Splits at a word outside of brackets and quotes. Pure. */
function splitOutside(text: string, word: string): string[] {
  const parts: string[] = []
  let depth = 0
  let isQuoted = false
  let start = 0
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at)
    if (character === '"') isQuoted = !isQuoted
    if (isQuoted) continue
    if ('([{'.includes(character)) depth += 1
    if (')]}'.includes(character)) depth -= 1
    if (depth > 0 || !text.startsWith(word, at)) continue
    parts.push(text.slice(start, at))
    start = at + word.length
  }
  return [...parts, text.slice(start)]
}

/** Fills in what Grafana would, for the time of a short test. Pure. */
export function fillInQuery(expr: string): string {
  return expr.replaceAll('$__rate_interval', '8s').replaceAll('$__range', '60s').replaceAll('[1m]', '[8s]')
}
