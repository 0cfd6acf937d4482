import { z } from 'zod'

/** One label of a host name, as browsers write it. */
const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?'
const HTTPS = `https://(?:${LABEL}\\.){0,30}${LABEL}`
/** Pages of this machine, without a certificate: while one develops. */
const LOCAL = 'http://(?:localhost|127\\.0\\.0\\.1)'
/** Stricter than a URL: each is written into a header, where `;` or `*` would mean something. */
const FRAME_ORIGIN = new RegExp(`^(?:${HTTPS}|${LOCAL})(?::[1-9][0-9]{0,4})?$`)

const ORIGIN_WORDS =
  'must be an origin as browsers send it, such as https://shop.example or https://shop.example:8443: small letters, ' +
  'other scripts as xn--, no default port, path, user or wildcard'
const ORIGIN_CHARACTERS_MAX = 270
const FRAME_ORIGINS_MAX = 20

const isAsBrowsersSendIt = (value: string): boolean => URL.canParse(value) && new URL(value).origin === value

/** The origin of a page that may show a sale's page in a frame. */
const frameOrigin = z
  .string()
  .max(ORIGIN_CHARACTERS_MAX)
  .regex(FRAME_ORIGIN, { error: ORIGIN_WORDS, abort: true })
  .refine(isAsBrowsersSendIt, ORIGIN_WORDS)
  .meta({ description: ORIGIN_WORDS.replace('must be an', 'An') })

export const frameOrigins = z
  .array(frameOrigin)
  .max(FRAME_ORIGINS_MAX)
  .default([])
  .describe(
    "Origins whose pages may show the sale's page in a frame; none by default. `http://localhost` and `http://127.0.0.1` only in development",
  )

/** Whether a frame origin is one of a machine's own, over http. */
export const isLocalFrameOrigin = (origin: string): boolean => origin.startsWith('http:')
