import { createHash, timingSafeEqual } from 'node:crypto'
import { AppError } from '@floodgate/runtime'
import type { MiddlewareHandler } from 'hono'

const digest = (value: string) => createHash('sha256').update(value).digest()

/** Returns the token of an `Authorization: Bearer` header (RFC 6750), or undefined. */
export function bearerToken(authorization: string | undefined | null): string | undefined {
  return /^Bearer ([\x21-\x7e]{1,4096})$/i.exec(authorization ?? '')?.[1]
}

/**
 * Rejects every caller except the operator. Compares digests, so that neither content nor length leaks through timing.
 */
export function requireOperator(adminToken: string): MiddlewareHandler {
  const expected = digest(adminToken)
  return async function requireOperatorToken(c, next) {
    const given = bearerToken(c.req.header('authorization'))
    if (given === undefined || !timingSafeEqual(digest(given), expected))
      throw new AppError('unauthorized', { headers: { 'www-authenticate': 'Bearer' } })
    await next()
  }
}
