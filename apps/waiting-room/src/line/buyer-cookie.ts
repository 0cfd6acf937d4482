import { createHmac, randomFillSync, timingSafeEqual } from 'node:crypto'
import { cookieValues, createBoundedMap, setCookie } from '@floodgate/service'
import type { KeySet, SecretKey } from '../admission/key-set.ts'
import { silentMs } from '../status/poll-policy.ts'

const maxAgeSeconds = 30 * 24 * 3_600
/** Cookies whose signature has been checked, about 250 bytes each. */
const genuineMax = 100_000

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
const signatureOf = ({ secret }: SecretKey, buyer: string) =>
  createHmac('sha256', secret).update(`buyer-cookie:${buyer}`).digest('base64url')

/** Random ids out of a pool: drawing the bytes of each one by itself costs 3 µs. No byte is used twice. */
const createIdSource = (): (() => string) => {
  const pool = Buffer.alloc(256 * idBytes)
  let at = pool.length
  return function newId() {
    if (at === pool.length) {
      randomFillSync(pool)
      at = 0
    }
    at += idBytes
    return pool.toString('base64url', at - idBytes, at)
  }
}

/** Whether buyers come over https, by the parsed URL: its scheme may be written in capitals. */
export const isHttps = (publicUrl: string): boolean => new URL(publicUrl).protocol === 'https:'

/**
 * The buyer's cookie, one per installation: `<buyer>.<kid>.<HMAC-SHA256>`, never readable by scripts. Over https its name
 * has the prefix `__Host-`, so that no sibling host can set it (RFC 6265bis §4.1.3).
 */
export const createBuyerCookie = (options: { keys: () => KeySet; publicUrl: string }): BuyerCookie => {
  const secure = isHttps(options.publicUrl)
  const name = secure ? '__Host-floodgate-buyer' : 'floodgate-buyer'
  const genuine = createBoundedMap<SecretKey>(genuineMax, { keptMs: silentMs })
  const readValue = (value: string): BuyerOfCookie => {
    const [buyer = '', kid = '', signature = ''] = value.split('.')
    const key = options.keys().ticketKeyById(kid)
    if (key === undefined || !/^[A-Za-z0-9_-]{22}$/.test(buyer)) return { kind: 'forged' }
    // Read again, the key file makes other keys: what the ones before have proved counts no longer.
    if (genuine.get(value) === key) return { kind: 'buyer', buyer }
    const expected = Buffer.from(signatureOf(key, buyer))
    const given = Buffer.from(signature)
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return { kind: 'forged' }
    genuine.set(value, key)
    return { kind: 'buyer', buyer }
  }
  return {
    read: (header) => {
      let found: BuyerOfCookie = { kind: 'none' }
      for (const value of cookieValues(header, name)) {
        found = readValue(value)
        if (found.kind === 'buyer') break
      }
      return found
    },
    write: (buyer) => {
      const key = options.keys().ticketKey(Date.now())
      const value = `${buyer}.${key.kid}.${signatureOf(key, buyer)}`
      return setCookie(name, value, { path: '/', maxAgeSeconds, secure })
    },
    newBuyer: createIdSource(),
    buyerOfKey: (sale, idempotencyKey) =>
      options
        .keys()
        .oldestSecretDigest(JSON.stringify([sale, idempotencyKey]))
        .subarray(0, idBytes)
        .toString('base64url'),
  }
}
