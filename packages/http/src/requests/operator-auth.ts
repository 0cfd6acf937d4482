import { createHash, timingSafeEqual } from 'node:crypto'
import type { Role } from '@floodgate/contracts'
import { AppError } from '@floodgate/runtime'
import type { EnforcedLimit } from '../limits/limits.ts'

/** The owner of an operator's token, or the shop's server. */
export interface Caller {
  /** Id of the token, `ADMIN_TOKEN` or `SHOP_TOKEN`. */
  readonly id: string
  readonly name: string
  /** Undefined for the shop's server, which may call the routes declared for it. */
  readonly role: Role | undefined
  /** RFC 3339; null for a token of the settings. */
  readonly expiresAt: string | null
}

/** The tokens of people, by the SHA-256 of the token in hex. */
export interface TokenDirectory {
  /** Returns the owner as known to this process. */
  find(sha256: string): Caller | undefined
  /** Reads the owner of a token that this process does not know. Throws `unavailable` when it cannot be read. */
  lookUp(sha256: string): Promise<Caller | undefined>
}

export interface AuthOptions {
  readonly adminToken: string
  readonly shopToken?: string | undefined
  /** Undefined: only the tokens of the settings exist. */
  readonly tokens?: TokenDirectory | undefined
  /** Bounds wrong tokens by client. */
  readonly wrongTokens: Pick<EnforcedLimit, 'take' | 'giveBack'>
}

/** The shape of a person's token: any other string is none, whatever the directory has. */
const PERSONAL_TOKEN = /^fgop_[A-Za-z0-9_-]{43}$/
const ADMIN: Caller = { id: 'ADMIN_TOKEN', name: 'ADMIN_TOKEN', role: 'admin', expiresAt: null }
const SHOP: Caller = { id: 'SHOP_TOKEN', name: 'SHOP_TOKEN', role: undefined, expiresAt: null }

const digest = (value: string) => createHash('sha256').update(value).digest()
const unauthorized = () => new AppError('unauthorized', { headers: { 'www-authenticate': 'Bearer' } })

/** Returns the token of an `Authorization: Bearer` header (RFC 6750), or undefined. */
export function bearerToken(authorization: string | undefined | null): string | undefined {
  return /^Bearer ([\x21-\x7e]{1,4096})$/i.exec(authorization ?? '')?.[1]
}

/**
 * Creates the authentication of operators. Throws `unauthorized` without an accepted token. Compares digests of the
 * settings' tokens, both of them, so that neither content nor length leaks through timing. A wrong token counts against
 * its client (`too-many-requests`); a known one never does, so that nobody can lock operators out.
 */
export function createAuthenticate({ adminToken, shopToken, tokens, wrongTokens }: AuthOptions) {
  const adminDigest = digest(adminToken)
  const shopDigest = shopToken === undefined ? undefined : digest(shopToken)

  return async function authenticate(authorization: string | undefined, client: string): Promise<Caller> {
    const token = bearerToken(authorization)
    if (token === undefined) throw unauthorized()
    const given = digest(token)
    const isAdmin = timingSafeEqual(given, adminDigest)
    const isShop = shopDigest !== undefined && timingSafeEqual(given, shopDigest)
    if (isAdmin) return ADMIN
    if (isShop) return SHOP
    const isPersonal = tokens !== undefined && PERSONAL_TOKEN.test(token)
    const sha256 = given.toString('hex')
    const known = isPersonal ? tokens.find(sha256) : undefined
    if (known !== undefined) return known
    wrongTokens.take(client)
    const found = isPersonal ? await tokens.lookUp(sha256) : undefined
    if (found === undefined) throw unauthorized()
    wrongTokens.giveBack(client)
    return found
  }
}
