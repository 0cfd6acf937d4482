const LINE_BREAKS_AND_CONTROLS = /[\p{Cc}\p{Zl}\p{Zp}\s]+/gu
/** Matches controls that change the direction of the following text (UAX #9): a name must not reorder its sentence. */
const DIRECTION_CONTROLS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** Returns an external name as one line of text, or `otherwise` if nothing of it is visible. */
export function oneLine(name: string | undefined, otherwise: string): string {
  const line = (name ?? '').replaceAll(DIRECTION_CONTROLS, '').replaceAll(LINE_BREAKS_AND_CONTROLS, ' ').trim()
  return line === '' ? otherwise : line
}

/** Shortens to at most `max` characters as readers count them, never half of one. */
export function shortened(line: string, max: number): string {
  const characters = Array.from(graphemes.segment(line), ({ segment }) => segment)
  return characters.length <= max
    ? line
    : `${characters
        .slice(0, max - 1)
        .join('')
        .trimEnd()}…`
}
