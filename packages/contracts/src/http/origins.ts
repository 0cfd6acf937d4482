import { z } from 'zod'
import { HOST, PORT } from './url-patterns.ts'

const HTTPS = `https://${HOST}`
/** Pages of the developer's own machine, without a certificate. */
const LOCAL = 'http://(?:localhost|127\\.0\\.0\\.1)'
/** Stricter than a URL: origins are written into a header, where `;` or `*` would have a meaning. */
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
