/**
 * The number of an order, for people to quote on pages, in mails and on the phone. Imports nothing: browsers load this
 * file too.
 *
 * Crockford's base 32, without I, L, O and U: the first 40 bits of the order's id, which are random. Among a million
 * orders the chance that two share a number is two in five; their ids tell them apart.
 */
const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const BITS_PER_LETTER = 5
const HEX_DIGITS = 10

/** Returns the number of the order with this id (a UUID), such as `7F3K-92QD`. */
export function orderNumber(id: string): string {
  const bits = Number.parseInt(id.replaceAll('-', '').slice(0, HEX_DIGITS), 16)
  let rest = bits
  let number = ''
  for (let at = 0; at < (HEX_DIGITS * 4) / BITS_PER_LETTER; at += 1) {
    number = `${LETTERS[rest % 32]}${number}`
    rest = Math.floor(rest / 32)
  }
  return `${number.slice(0, 4)}-${number.slice(4)}`
}

/**
 * Returns the prefix, in hexadecimal, of the ids with this number: `00ff00ff-00`. Accepts any case, with or without the
 * dash, O for 0, I and L for 1. Undefined: not a number.
 */
export function idPrefixOfNumber(typed: string): string | undefined {
  const plain = typed.trim().toUpperCase().replaceAll(/[\s-]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1')
  if (!/^[0-9A-HJKMNP-TV-Z]{8}$/.test(plain)) return undefined
  let bits = 0
  for (const letter of plain) bits = bits * 32 + LETTERS.indexOf(letter)
  const hex = bits.toString(16).padStart(HEX_DIGITS, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}`
}
