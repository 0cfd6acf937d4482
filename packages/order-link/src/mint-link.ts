import { SignJWT } from 'jose'
import { LINK_ALGORITHM, LINK_AUDIENCE, LINK_TYPE, type LinkKeyRing, linkKeyOf } from './link-keys.ts'

export interface MintedLink {
  /** A secret: its holder can read the order, and cancel it while it is unpaid. */
  readonly token: string
  readonly expiresAt: Date
}

/** Mints the token of a link to one order. */
export type LinkMinter = (order: string) => Promise<MintedLink>

const DAY_S = 86_400

/** Creates a minter that signs with the first key of the ring. Links are valid for `days` after their minting. */
export function createLinkMinter(
  [signing]: LinkKeyRing,
  { days, now = Date.now }: { readonly days: number; now?(): number },
): LinkMinter {
  const key = linkKeyOf(signing)
  return async function mintLink(order) {
    const issuedAt = Math.floor(now() / 1_000)
    const expiresAt = issuedAt + days * DAY_S
    const token = await new SignJWT()
      .setProtectedHeader({ alg: LINK_ALGORITHM, typ: LINK_TYPE, kid: signing.kid })
      .setAudience(LINK_AUDIENCE)
      .setSubject(order.toLowerCase())
      .setIssuedAt(issuedAt)
      .setExpirationTime(expiresAt)
      .sign(key)
    return { token, expiresAt: new Date(expiresAt * 1_000) }
  }
}
