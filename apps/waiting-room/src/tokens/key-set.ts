import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  type JsonWebKey,
  type KeyObject,
  type webcrypto,
} from 'node:crypto'
import type { JWK } from 'jose'
import { z } from 'zod'

const keyFile = z.object({
  keys: z
    .array(
      z.looseObject({
        kty: z.enum(['OKP', 'oct']),
        kid: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
        nbf: z.number(),
      }),
    )
    .max(64),
})

interface TimedKey {
  readonly kid: string
  readonly nbfMs: number
}
export interface SigningKey extends TimedKey {
  readonly key: KeyObject
  /** Verifies what the key signed. */
  readonly publicKey: KeyObject
}
export interface SecretKey extends TimedKey {
  readonly key: webcrypto.CryptoKey
  /** The same secret for `createHmac`: as bytes it would become a key again at every call, 13 µs each. */
  readonly secret: KeyObject
}

type PublicKey = JWK & { readonly kty: string }

/** The keys of one version of the key file. */
export interface KeySet {
  /** Returns the key that signs admissions: the newest whose time has come. */
  admissionKey(nowMs: number): SigningKey
  /** Returns the key that an admission was issued with, as long as it is in the file. */
  admissionKeyById(kid: string): SigningKey | undefined
  ticketKey(nowMs: number): SecretKey
  ticketKeyById(kid: string): SecretKey | undefined
  /** Computes a keyed hash that survives rotation as long as the oldest secret stays in the file. */
  oldestSecretDigest(text: string): Buffer
  /** The public JWK Set: public halves, also of keys whose time has not come. */
  readonly publicJwks: { readonly keys: PublicKey[] }
}

const newest = <Key extends TimedKey>(keys: readonly Key[], nowMs: number, use: string): Key => {
  let found: Key | undefined
  for (const key of keys) if (key.nbfMs <= nowMs && (found === undefined || key.nbfMs > found.nbfMs)) found = key
  if (found === undefined) throw new Error(`The key file has no key for ${use} whose nbf has come.`)
  return found
}

/** Reads a private JWK Set. Throws when it is malformed or lacks an Ed25519 key or a secret of at least 32 bytes. */
export async function parseKeySet(text: string): Promise<KeySet> {
  const { keys } = keyFile.parse(JSON.parse(text))
  const admissionKeys: SigningKey[] = []
  const ticketKeys: SecretKey[] = []
  const publicKeys: PublicKey[] = []
  for (const jwk of keys as (JWK & { kid: string; nbf: number })[]) {
    const { kid, nbf } = jwk
    if (jwk.kty === 'OKP' && jwk.crv === 'Ed25519') {
      const key = createPrivateKey({ key: jwk as JsonWebKey, format: 'jwk' })
      admissionKeys.push({ kid, nbfMs: nbf * 1_000, key, publicKey: createPublicKey(key) })
      publicKeys.push({ kty: 'OKP', crv: 'Ed25519', x: jwk.x ?? '', kid, use: 'sig', alg: 'EdDSA' })
    } else if (jwk.kty === 'oct' && typeof jwk.k === 'string') {
      const bytes = Buffer.from(jwk.k, 'base64url')
      if (bytes.length < 32) throw new Error(`The secret ${kid} in the key file is shorter than 32 bytes.`)
      const hmac = { name: 'HMAC', hash: 'SHA-256' }
      const key = await crypto.subtle.importKey('raw', bytes, hmac, false, ['sign', 'verify'])
      ticketKeys.push({ kid, nbfMs: nbf * 1_000, key, secret: createSecretKey(bytes) })
    }
  }
  const oldest = ticketKeys.toSorted((one, other) => one.nbfMs - other.nbfMs)[0]
  if (oldest === undefined || admissionKeys.length === 0)
    throw new Error('The key file needs an Ed25519 key (EdDSA) and an oct key (HS256).')
  return {
    admissionKey: (nowMs) => newest(admissionKeys, nowMs, 'admissions'),
    admissionKeyById: (kid) => admissionKeys.find((key) => key.kid === kid),
    ticketKey: (nowMs) => newest(ticketKeys, nowMs, 'tickets'),
    ticketKeyById: (kid) => ticketKeys.find((key) => key.kid === kid),
    oldestSecretDigest: (message) => createHmac('sha256', oldest.secret).update(message).digest(),
    publicJwks: { keys: publicKeys },
  }
}
