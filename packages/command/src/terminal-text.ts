/**
 * Characters that act on a terminal instead of being shown: control characters, line and paragraph separators, and those
 * that turn the writing direction.
 */
const ACTING = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu
/** `JSON.stringify` escapes U+0000 to U+001F in strings by itself; those left are its own line breaks. */
const ACTING_IN_JSON = /[\u007f-\u009f\p{Zl}\p{Zp}\p{Bidi_Control}]/gu

/** Returns a line with its spaces as they are, which can neither move the cursor nor fake another line. Pure. */
export function withoutActing(line: string): string {
  return line.replaceAll(ACTING, ' ')
}

/** Returns the text in one line that can neither move the cursor nor fake another line. Pure. */
export function oneLine(text: string): string {
  return withoutActing(text).replaceAll(/\s+/g, ' ').trim()
}

/** Returns a value as JSON of the same content, whose strings cannot act on a terminal either. Pure. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value, null, 2).replaceAll(ACTING_IN_JSON, escaped)
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
