import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { cookieValue } from '@floodgate/service'
import type { KeySet, SecretKey } from '../admission/key-set.ts'

const buyerCookieName = 'floodgate_buyer'
const maxAgeSeconds = 30 * 24 * 3_600

export type BuyerOfCookie =
  | { readonly kind: 'none' }
  | { readonly kind: 'forged' }
  | { readonly kind: 'buyer'; readonly buyer: string }

export interface BuyerCookie {
  /** Who the `Cookie` header says it is. */
  readonly read: (header: string | undefined) => BuyerOfCookie
  /** The `Set-Cookie` header for a buyer. */
  readonly write: (buyer: string) => string
  readonly newBuyer: () => string
  /** The buyer of a client without a cookie jar: the same at every repetition of its key. */
  readonly buyerOfKey: (sale: string, idempotencyKey: string) => string
}

const idBytes = 16
const signatureOf = ({ bytes }: SecretKey, buyer: string) =>
  createHmac('sha256', bytes).update(`buyer-cookie:${buyer}`).digest('base64url')

/** The buyer's cookie, one per installation: `<buyer>.<kid>.<HMAC-SHA256>`, never readable by scripts. */
export const createBuyerCookie = (options: { keys: () => KeySet; publicUrl: string }): BuyerCookie => {
  const secure = options.publicUrl.startsWith('https:') ? '; Secure' : ''
  return {
    read: (header) => {
      const value = cookieValue(header, buyerCookieName)
      if (value === undefined) return { kind: 'none' }
      const [buyer = '', kid = '', signature = ''] = value.split('.')
      const key = options.keys().ticketKeyById(kid)
      if (key === undefined || !/^[A-Za-z0-9_-]{22}$/.test(buyer)) return { kind: 'forged' }
      const expected = Buffer.from(signatureOf(key, buyer))
      const given = Buffer.from(signature)
      const genuine = given.length === expected.length && timingSafeEqual(given, expected)
      return genuine ? { kind: 'buyer', buyer } : { kind: 'forged' }
    },
    write: (buyer) => {
      const key = options.keys().ticketKey(Date.now())
      const value = `${buyer}.${key.kid}.${signatureOf(key, buyer)}`
      return `${buyerCookieName}=${value}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Lax${secure}`
    },
    newBuyer: () => randomBytes(idBytes).toString('base64url'),
    buyerOfKey: (sale, idempotencyKey) =>
      options
        .keys()
        .oldestSecretDigest(JSON.stringify([sale, idempotencyKey]))
        .subarray(0, idBytes)
        .toString('base64url'),
  }
}
