const MASKED = '[masked]'
const SECRET_MEMBER = /e-?mail|payment_?-?method|card|iban/i
const WORD = /[^\s"'<>(),;:=\\]+/g
/** Matches a secret member of JSON-like text that cannot be parsed. */
const SECRET_IN_TEXT = /("[^"]*(?:e-?mail|payment_?-?method|card|iban)[^"]*"\s*:\s*)(?:"(?:[^"\\]|\\.)*"?|[^\s,}]+)/gi
const DEPTH_MAX = 20

/** Masks e-mail addresses in a text. */
export function maskText(text: string): string {
  return text.replaceAll(WORD, (word) => (word.includes('@') ? MASKED : word))
}

/** Masks e-mail addresses and payment methods in text that should have been JSON. */
export function maskUnreadable(text: string): string {
  return maskText(text.replaceAll(SECRET_IN_TEXT, `$1"${MASKED}"`))
}

/** Masks e-mail addresses and payment methods at any depth of JSON data; an operator needs neither. */
export function maskData(data: unknown, depth = 0): unknown {
  if (typeof data === 'string') return maskText(data)
  if (typeof data !== 'object' || data === null) return data
  if (depth >= DEPTH_MAX) return MASKED
  if (Array.isArray(data)) return data.map((each) => maskData(each, depth + 1))
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => [
      maskText(name),
      SECRET_MEMBER.test(name) ? MASKED : maskData(value, depth + 1),
    ]),
  )
}
