import { z } from 'zod'

/** One label of a host name, as browsers serialize it. */
const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?'
/**
 * The last label begins with a letter, or the host is an IPv4 address: URLs parse a host that ends in a number as one
 * (WHATWG URL §3.5).
 */
const BYTE = '(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])'
const HOST = `(?:(?:${LABEL}\\.){0,30}[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?|${BYTE}(?:\\.${BYTE}){3})`
const HTTPS = `https://${HOST}`
/** Pages of the developer's own machine, without a certificate. */
const LOCAL = 'http://(?:localhost|127\\.0\\.0\\.1)'
/** Stricter than a URL: origins are written into a header, where `;` or `*` would have a meaning. */
const PORT = '(?:6553[0-5]|655[0-2][0-9]|65[0-4][0-9]{2}|6[0-4][0-9]{3}|[1-5][0-9]{4}|[1-9][0-9]{0,3})'
const ORIGIN = new RegExp(`^(?:${HTTPS}|${LOCAL})(?::${PORT})?$`)

const ORIGIN_WORDS =
  'must be an origin as browsers send it, such as https://shop.example or https://shop.example:8443: small letters, ' +
  'other scripts as xn--, no default port, path, user or wildcard'
const ORIGIN_CHARACTERS_MAX = 270
const ORIGINS_MAX = 20

const isAsBrowsersSendIt = (value: string): boolean => URL.canParse(value) && new URL(value).origin === value

/** An exact origin of a shop's pages. */
const shopOrigin = z
  .string()
  .max(ORIGIN_CHARACTERS_MAX)
  .regex(ORIGIN, { error: ORIGIN_WORDS, abort: true })
  // The pattern also matches a default port, and an invalid `xn--` label.
  .refine(isAsBrowsersSendIt, `${ORIGIN_WORDS}; browsers send it otherwise`)
  .meta({ description: ORIGIN_WORDS.replace('must be an', 'An') })

const LOCAL_WORDS = '`http://localhost` and `http://127.0.0.1` only in development'
const origins = z.array(shopOrigin).max(ORIGINS_MAX).default([])

export const frameOrigins = origins.describe(
  `Origins whose pages may show the sale's page in a frame; none by default. ${LOCAL_WORDS}`,
)

export const returnOrigins = origins.describe(
  `Origins of the shop to which admitted buyers may return; none by default: they order here. ${LOCAL_WORDS}`,
)

/** Tells whether an origin of a sale's settings is on the local machine, over http. */
export function isLocalOrigin(origin: string): boolean {
  return origin.startsWith('http:')
}
