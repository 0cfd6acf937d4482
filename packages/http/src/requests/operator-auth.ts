import { createHash, timingSafeEqual } from 'node:crypto'
import { AppError } from '@floodgate/runtime'
import type { MiddlewareHandler } from 'hono'

const digest = (value: string) => createHash('sha256').update(value).digest()

/** Returns the token of an `Authorization: Bearer` header (RFC 6750), or undefined. */
export function bearerToken(authorization: string | undefined | null): string | undefined {
  return /^Bearer ([\x21-\x7e]{1,4096})$/i.exec(authorization ?? '')?.[1]
}

/**
 * Rejects every caller without one of these tokens. Compares digests, all of them, so that neither content nor length
 * leaks through timing.
 */
export function requireToken(tokens: readonly string[]): MiddlewareHandler {
  const accepted = tokens.map(digest)
  return async function requireBearerToken(c, next) {
    const given = digest(bearerToken(c.req.header('authorization')) ?? '')
    const isAccepted = accepted.map((each) => timingSafeEqual(given, each)).includes(true)
    if (!isAccepted) throw new AppError('unauthorized', { headers: { 'www-authenticate': 'Bearer' } })
    await next()
  }
}
