import { z } from 'zod'
import { checkEmail, EMAIL_LENGTH_MAX, EMAIL_PATTERN, EMAIL_PROBLEM_TEXTS } from './email.ts'
import { checkInstant } from './instant.ts'
import { CURRENCY_DIGITS, isCurrency } from './money.ts'

/** Tells whether Postgres accepts the string as `text`: no NUL, no unpaired surrogate (SQLSTATE 22021, 22P05). */
export function isStorableText(value: string): boolean {
  return !value.includes('\0') && value.isWellFormed()
}

/** Tells whether a string has at most `max` characters: Unicode code points, as JSON Schema and Postgres count them. */
const isWithin = (value: string, max: number): boolean => value.length <= max || [...value].length <= max

/**
 * Declares a string of 1 to `max` characters that is safe to store. One bad string would make Postgres reject a whole
 * batch.
 */
export function text(max: number) {
  return z
    .string()
    .min(1)
    .refine((value) => isWithin(value, max), `must have at most ${max} characters`)
    .refine(isStorableText, 'must not contain NUL or unpaired surrogates')
    .meta({
      maxLength: max,
      pattern: '^[^\\u0000]*$',
      description: 'Length in Unicode code points; no NUL, no unpaired surrogates',
    })
}

export const saleId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'must be 1 to 40 of a-z, 0-9 and -, not starting with -')
export const campaignId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'must be 1 to 40 of a-z, 0-9 and -, not starting with -')
export const sku = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, 'must be 1 to 64 of A-Z, a-z, 0-9, ., _ and -')
/**
 * BCP 47, well-formed (RFC 5646 §2.1, without extensions and private use). The languages with texts are a matter of
 * each process.
 */
export const languageTag = z
  .string()
  .max(35)
  .regex(/^[A-Za-z]{2,8}(?:-[A-Za-z0-9]{2,8})*$/, 'must be a language tag (BCP 47) such as en')
export const uuid = z.uuid().meta({ pattern: z.regexes.uuid().source })
/** RFC 3339, always UTC with milliseconds, as `Date.prototype.toISOString` formats it. */
export const timestamp = z.iso.datetime({ offset: false })
/** RFC 3339 with any offset, as clients write it; the output is a `timestamp`. */
export const instant = z
  .string()
  .check((context) => {
    const judged = checkInstant(context.value)
    if (judged.kind === 'instant') context.value = judged.utc
    else context.issues.push({ code: 'custom', input: context.value, message: judged.why })
  })
  .meta({
    format: 'date-time',
    // The first hours of 1970 and the last of 9999 depend on the offset, which no pattern can express.
    pattern: '^(?:19[7-9][0-9]|[2-9][0-9]{3})-',
    description:
      'RFC 3339 with any offset, after the beginning of 1970 and before the year 10000, without leap seconds; kept in UTC, to the ' +
      'millisecond',
  })
/** An amount of money in the currency's minor unit. */
export const minorUnits = z.int().min(0).max(Number.MAX_SAFE_INTEGER)
export const currency = z.string().regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code')
/** A currency for new prices; past orders may be in one that is no longer active. */
export const activeCurrency = currency
  .refine(isCurrency, 'must be an active ISO 4217 code with a minor unit')
  .meta({ enum: [...CURRENCY_DIGITS.keys()].sort() })
/** A mail address, see `email.ts`; the output has its domain in ASCII, however it was typed. */
export const emailAddress = z
  .string()
  .check((context) => {
    const judged = checkEmail(context.value)
    if (judged.kind === 'address') context.value = judged.address
    else context.issues.push({ code: 'custom', input: context.value, message: EMAIL_PROBLEM_TEXTS[judged.kind] })
  })
  .meta({
    format: 'idn-email',
    maxLength: EMAIL_LENGTH_MAX,
    pattern: EMAIL_PATTERN,
    description:
      'A dot-atom in ASCII (at most 64 characters), an @, and a domain name in Unicode or as `xn--`. Kept and compared with its domain in lower-case ASCII.',
  })
