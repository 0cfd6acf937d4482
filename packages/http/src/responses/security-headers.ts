import type { MiddlewareHandler } from 'hono'

/** The name and value of each field. */
export type SecurityFields = readonly (readonly [name: string, value: string])[]

/** The browser sends no requests over http for a year (RFC 6797). */
const TRANSPORT_SECURITY = 'max-age=31536000'

/**
 * Returns the fields of every response on every transport: browsers trust its media type, and over https they stay with
 * https. `publicUrl`: the URL buyers use.
 */
export function securityFields(publicUrl: string | undefined): SecurityFields {
  const isSecure = publicUrl !== undefined && new URL(publicUrl).protocol === 'https:'
  const noSniff = ['x-content-type-options', 'nosniff'] as const
  return isSecure ? [noSniff, ['strict-transport-security', TRANSPORT_SECURITY]] : [noSniff]
}

/** Adds the fields to Hono's responses. */
export function securityHeaders(publicUrl: string | undefined): MiddlewareHandler {
  const fields = securityFields(publicUrl)
  return async function addSecurityHeaders(c, next) {
    await next()
    for (const [name, value] of fields) c.res.headers.set(name, value)
  }
}
