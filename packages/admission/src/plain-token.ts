import { isUtf8 } from 'node:buffer'
import { KeyObject, verify, type webcrypto } from 'node:crypto'
import type { JWTVerifyGetKey } from 'jose'
import { type Claims, isTypeOf, REQUIRED_CLAIMS, type TokenKind, type TokenRules } from './token-rules.ts'

interface PlainToken {
  readonly header: { readonly alg: 'EdDSA'; readonly kid: string }
  readonly claims: Claims
  readonly signed: Buffer
  readonly signature: Buffer
}

/**
 * Verifies a token of exactly the shape that the waiting room signs, and returns its claims when nothing is wrong with
 * it. Undefined means "ask jose": expired or forged plain tokens, and all others, are for jose to judge. So this may
 * only be stricter than jose, never laxer.
 *
 * Why it exists: jose uses WebCrypto, where every call is a job for another thread. Besides the 126 µs that OpenSSL
 * takes for an Ed25519 verification, that cost 160 µs per token (Node 24, two cores, 2026-11). A direct, synchronous
 * call costs only the verification; on a thread it leaves the event loop 10 to 25 µs. Throws what `findKey` throws.
 *
 * Imported as `#plain-token`: runtimes without `node:crypto` get `plain-token-elsewhere.ts`.
 */
export async function claimsOfPlainToken(token: string, rules: TokenRules): Promise<Claims | undefined> {
  const plain = readPlainToken(token, rules.kind)
  if (plain === undefined || !isGood(plain.claims, rules)) return undefined
  const key = keyObjectOf(await rules.findKey(plain.header, { payload: '', signature: '' }))
  if (key === undefined) return undefined
  const isGenuine =
    rules.onThreads === true ? await verifyOnThread(plain, key) : verify(null, plain.signed, key, plain.signature)
  return isGenuine ? plain.claims : undefined
}

const verifyOnThread = ({ signed, signature }: PlainToken, key: KeyObject): Promise<boolean> =>
  new Promise((resolve, reject) => {
    verify(null, signed, key, signature, (error, isGenuine) => {
      if (error === null) resolve(isGenuine)
      else reject(error)
    })
  })

const base64url = /^[A-Za-z0-9_-]+$/
const headerNames = new Set(['alg', 'kid', 'typ'])

const readPlainToken = (token: string, kind: TokenKind): PlainToken | undefined => {
  const [header = '', payload = '', signature = '', ...more] = token.split('.')
  if (more.length > 0) return undefined
  const protectedHeader = readHeader(header)
  const claims = readJson(payload)
  const signatureBytes = bytesOf(signature)
  if (protectedHeader === undefined || claims === undefined || signatureBytes === undefined) return undefined
  const { alg, kid, typ } = protectedHeader
  if (alg !== 'EdDSA' || typeof kid !== 'string' || !isTypeOf(kind, typ)) return undefined
  // Other header fields (`crit`, `b64`, …) have rules of their own.
  if (!Object.keys(protectedHeader).every((name) => headerNames.has(name))) return undefined
  const signed = Buffer.from(`${header}.${payload}`, 'latin1')
  return { header: { alg, kid }, claims, signed, signature: signatureBytes }
}

/** All tokens of a key have the same header, which is read once. */
let lastHeader: { readonly text: string; readonly header: Claims | undefined } | undefined

const readHeader = (text: string): Claims | undefined => {
  if (lastHeader?.text !== text) lastHeader = { text, header: readJson(text) }
  return lastHeader.header
}

const bytesOf = (text: string): Buffer | undefined =>
  base64url.test(text) && text.length % 4 !== 1 ? Buffer.from(text, 'base64url') : undefined

const readJson = (part: string): Claims | undefined => {
  const bytes = bytesOf(part)
  if (bytes === undefined || !isUtf8(bytes)) return undefined
  try {
    const value: unknown = JSON.parse(bytes.toString())
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Claims) : undefined
  } catch {
    return undefined
  }
}

const isGood = (claims: Claims, { kind, issuer, audience, clockToleranceSeconds, nowMs }: TokenRules): boolean => {
  const { iss, aud, iat, nbf, exp } = claims
  // jose's clock has whole seconds, too.
  const now = Math.floor(nowMs / 1_000)
  return (
    REQUIRED_CLAIMS[kind].every((name) => Object.hasOwn(claims, name)) &&
    iss === issuer &&
    aud === audience &&
    typeof iat === 'number' &&
    nbf === undefined &&
    typeof exp === 'number' &&
    exp > now - clockToleranceSeconds
  )
}

/** Keys live as long as jose keeps their set, so that a withdrawn key is dropped with it. */
const keyObjects = new WeakMap<object, KeyObject | undefined>()

const keyObjectOf = (key: Awaited<ReturnType<JWTVerifyGetKey>>): KeyObject | undefined => {
  if (!(key instanceof CryptoKey)) return undefined
  if (!keyObjects.has(key)) {
    keyObjects.set(key, key.type === 'public' && key.algorithm.name === 'Ed25519' ? keyObjectFrom(key) : undefined)
  }
  return keyObjects.get(key)
}

/** Undefined in a runtime that has `node:crypto` but cannot convert keys of WebCrypto. */
const keyObjectFrom = (key: webcrypto.CryptoKey): KeyObject | undefined => {
  try {
    return KeyObject.from(key)
  } catch {
    return undefined
  }
}
