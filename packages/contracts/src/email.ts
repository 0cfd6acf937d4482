/**
 * The one grammar of e-mail addresses, for the order form, the API and the mail server. Imports nothing: browsers load
 * this file too.
 *
 * A dot-atom (RFC 5322 §3.2.3), `@`, and a domain name of two labels or more, in Unicode or as `xn--` (RFC 5890).
 * Length limits are those of RFC 5321 §4.5.3.1. Quoted local parts, comments and address literals are rejected. So are
 * local parts beyond ASCII: they need SMTPUTF8 (RFC 6531) on every server on the way, and the mail is lost where one
 * lacks it.
 */
export const EMAIL_LENGTH_MAX = 254
const LOCAL_PART_LENGTH_MAX = 64
const DOMAIN_LENGTH_MAX = 253

/** Names what is wrong with an address. */
export type EmailProblem = 'no-at' | 'local-part' | 'local-not-ascii' | 'domain' | 'too-long'

export type EmailCheck =
  /** `address`: the domain is in ASCII and lower case, as mail servers expect it. */
  { readonly kind: 'address'; readonly address: string } | { readonly kind: EmailProblem }

/** Explains each problem to API clients. */
export const EMAIL_PROBLEM_TEXTS: Readonly<Record<EmailProblem, string>> = {
  'no-at': 'must be an e-mail address: a name, one @, and a domain',
  'local-part': "before the @ must be letters, digits and !#$%&'*+-/=?^_`{|}~, in parts joined by single dots",
  'local-not-ascii': 'before the @ must be ASCII: mail servers do not deliver other letters there reliably',
  domain: 'after the @ must be a whole domain name, such as example.com',
  'too-long': `must have at most ${LOCAL_PART_LENGTH_MAX} characters before the @, and ${EMAIL_LENGTH_MAX} in total with its domain in ASCII`,
}

const ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
const DOT_ATOM = new RegExp(`^${ATOM}(?:\\.${ATOM})*$`)
/** Covers what a regular expression can check of an address; `checkEmail` checks the rest. */
export const EMAIL_PATTERN = `^${ATOM}(\\.${ATOM})*@[^@]+$`
/**
 * Matches ASCII that no domain name contains. The conversion to ASCII decides about the rest: it maps and rejects as
 * browsers do.
 */
const NO_DOMAIN = /[^A-Za-z0-9.\-\u0080-\u{10ffff}]/u
const LABELS = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/
const BEYOND_ASCII = /[^\0-\x7f]/
/** Matches characters that would end a quoted name or its header field. */
const NOT_IN_NAME = /[\p{Cc}"\\]/u

/** Validates an address as typed, and converts its domain to the one form that is stored, sent and compared. */
export function checkEmail(typed: string): EmailCheck {
  const at = typed.indexOf('@')
  if (at < 1 || at !== typed.lastIndexOf('@')) return { kind: 'no-at' }
  // Bounds the work below for any input.
  if (typed.length > EMAIL_LENGTH_MAX) return { kind: 'too-long' }
  const localPart = typed.slice(0, at)
  if (!DOT_ATOM.test(localPart)) return { kind: BEYOND_ASCII.test(localPart) ? 'local-not-ascii' : 'local-part' }
  const domain = asciiDomain(typed.slice(at + 1))
  if (domain === undefined) return { kind: 'domain' }
  const address = `${localPart}@${domain}`
  if (localPart.length > LOCAL_PART_LENGTH_MAX || address.length > EMAIL_LENGTH_MAX) return { kind: 'too-long' }
  return { kind: 'address', address }
}

/**
 * Returns a domain name in its DNS form (UTS #46 by way of the URL standard, in Node as in browsers), undefined for an
 * invalid one.
 */
function asciiDomain(typed: string): string | undefined {
  if (NO_DOMAIN.test(typed)) return undefined
  const url = `http://${typed}`
  if (!URL.canParse(url)) return undefined
  const ascii = new URL(url).hostname
  // URLs read trailing numbers as an IPv4 address; mail domains have none.
  const isWhole = ascii.length <= DOMAIN_LENGTH_MAX && LABELS.test(ascii) && !/\.[0-9-]+$/.test(ascii)
  return isWhole ? ascii : undefined
}

/**
 * Returns a sender such as `Shop <orders@shop.example>`, or a bare address, as one header field; undefined for an
 * invalid one.
 */
export function senderHeader(typed: string): string | undefined {
  const [, quoted, plain, inAngles] = /^\s*(?:(?:"([^"]*)"|([^"<>]*?))\s*<([^<>]*)>)\s*$/.exec(typed) ?? []
  const judged = checkEmail(inAngles ?? typed.trim())
  const name = (quoted ?? plain ?? '').trim()
  if (judged.kind !== 'address' || NOT_IN_NAME.test(name)) return undefined
  return name === '' ? judged.address : `"${name}" <${judged.address}>`
}
