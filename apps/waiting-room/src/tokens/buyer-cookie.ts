import { createHmac, randomFillSync, timingSafeEqual } from 'node:crypto'
import { createBoundedMap } from '@floodgate/async'
import { cookieValues, setCookie } from '@floodgate/http'
import type { KeySet, SecretKey } from './key-set.ts'
import { TOKEN_CACHE_TTL_MS } from './token-cache.ts'

const MAX_AGE_SECONDS = 30 * 24 * 3_600
/** Cookies whose signature has been checked, about 250 bytes each. */
const GENUINE_MAX = 100_000

export type BuyerOfCookie =
  | { readonly kind: 'none' }
  | { readonly kind: 'forged' }
  | { readonly kind: 'buyer'; readonly buyer: string }

export interface BuyerCookie {
  /** Reads the buyer of a `Cookie` header. */
  read(header: string | undefined): BuyerOfCookie
  /** Formats the `Set-Cookie` header for a buyer; `framed`: for a sale that another site may show in a frame. */
  write(buyer: string, options?: { readonly framed: boolean }): string
  newBuyer(): string
  /** Derives the buyer of a client without a cookie jar: the same at every repetition of its key. */
  buyerOfKey(sale: string, idempotencyKey: string): string
}

const ID_BYTES = 16
/**
 * Maximum number of signatures checked per request. Over https no sibling host can add cookies of this name; elsewhere
 * this bounds the work.
 */
const SIGNATURES_MAX = 4
/** HMAC-SHA-256 in base64url. */
const SIGNATURE_CHARACTERS = 43

/** `buyer`: of any browser. `account`: of one whose account an ID token proved. Neither is valid as the other. */
export type CookieOwner = 'buyer' | 'account'

/** The content of a cookie in the right form; its signature may be wrong. */
interface Claimed {
  readonly value: string
  readonly buyer: string
  readonly key: SecretKey
  readonly signature: string
}

/** Draws random ids from a pool: drawing the bytes of each one separately costs 3 µs. No byte is used twice. */
const createIdSource = (): (() => string) => {
  const pool = Buffer.alloc(256 * ID_BYTES)
  let at = pool.length
  return function newId() {
    if (at === pool.length) {
      randomFillSync(pool)
      at = 0
    }
    at += ID_BYTES
    return pool.toString('base64url', at - ID_BYTES, at)
  }
}

/** Tells whether buyers use https, by the parsed URL: its scheme may be in capitals. */
export function isHttps(publicUrl: string): boolean {
  return new URL(publicUrl).protocol === 'https:'
}

/**
 * The cookie of a buyer or of an account, one per installation: `<buyer>.<kid>.<HMAC-SHA256>`, never readable by scripts. Over https its
 * name has the prefix `__Host-`, so that no sibling host can set it (RFC 6265bis §4.1.3).
 */
export function createBuyerCookie(options: { keys(): KeySet; publicUrl: string; owner?: CookieOwner }): BuyerCookie {
  const { owner = 'buyer' } = options
  const secure = isHttps(options.publicUrl)
  const name = secure ? `__Host-floodgate-${owner}` : `floodgate-${owner}`
  const signatureOf = ({ secret }: SecretKey, buyer: string) =>
    createHmac('sha256', secret).update(`${owner}-cookie:${buyer}`).digest('base64url')
  const genuine = createBoundedMap<SecretKey>(GENUINE_MAX, { keptMs: TOKEN_CACHE_TTL_MS })
  const parse = (value: string): Claimed | undefined => {
    const [buyer = '', kid = '', signature = '', ...more] = value.split('.')
    const key = options.keys().ticketKeyById(kid)
    if (key === undefined || more.length > 0 || signature.length !== SIGNATURE_CHARACTERS) return undefined
    return /^[A-Za-z0-9_-]{22}$/.test(buyer) ? { value, buyer, key, signature } : undefined
  }
  // A reload of the key file creates other keys: earlier proofs no longer count.
  const isKnown = ({ value, key }: Claimed) => genuine.get(value) === key
  const isGenuine = ({ value, buyer, key, signature }: Claimed) => {
    const [expected, given] = [Buffer.from(signatureOf(key, buyer)), Buffer.from(signature)]
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return false
    genuine.set(value, key)
    return true
  }
  return {
    read: (header) => {
      const values = cookieValues(header, name)
      const claimed = values.map(parse).filter((one) => one !== undefined)
      const found = claimed.find(isKnown) ?? claimed.slice(0, SIGNATURES_MAX).find(isGenuine)
      if (found !== undefined) return { kind: 'buyer', buyer: found.buyer }
      return { kind: values.length === 0 ? 'none' : 'forged' }
    },
    write: (buyer, { framed } = { framed: false }) => {
      const key = options.keys().ticketKey(Date.now())
      const value = `${buyer}.${key.kid}.${signatureOf(key, buyer)}`
      return setCookie(name, value, { path: '/', maxAgeSeconds: MAX_AGE_SECONDS, secure, partitioned: framed })
    },
    newBuyer: createIdSource(),
    buyerOfKey: (sale, idempotencyKey) =>
      options
        .keys()
        .oldestSecretDigest(JSON.stringify([sale, idempotencyKey]))
        .subarray(0, ID_BYTES)
        .toString('base64url'),
  }
}
