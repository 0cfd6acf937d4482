import { createHmac, createPrivateKey, type JsonWebKey, sign } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

type Claims = Readonly<Record<string, unknown>>
type Header = Readonly<Record<string, unknown>>

const keyFile = z.object({ keys: z.array(z.looseObject({ kty: z.string(), kid: z.string() })) })

export interface Forger {
  /** Signs claims that the waiting room never signs, with its own key. */
  signAdmission(claims: Claims): string
  signTicket(claims: Claims): string
  /** Uses the public key as the secret of an HMAC. */
  confuse(token: string): string
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const part = (token: string, index: number): Claims =>
  JSON.parse(Buffer.from(token.split('.')[index] ?? '', 'base64url').toString('utf8')) as Claims

const headerOf = (token: string): Header => part(token, 0)
export function claimsOf(token: string): Claims {
  return part(token, 1)
}

/** Reads the system's own key file, to forge tokens that only its thief could forge. */
export async function createForger(dataDir: string): Promise<Forger> {
  const { keys } = keyFile.parse(JSON.parse(await readFile(join(dataDir, 'keys.json'), 'utf8')))
  const keyOf = (kty: string): { kid: string; jwk: JsonWebKey } => {
    const found = keys.find((key) => key.kty === kty)
    if (found === undefined) throw new Error(`The key file has no ${kty} key.`)
    return { kid: found.kid, jwk: found as unknown as JsonWebKey }
  }
  const pair = keyOf('OKP')
  const secret = keyOf('oct')
  const hmac = (bytes: Buffer, text: string): string => createHmac('sha256', bytes).update(text).digest('base64url')
  return {
    signAdmission(claims) {
      const text = `${encode({ alg: 'EdDSA', kid: pair.kid, typ: 'JWT' })}.${encode(claims)}`
      const key = createPrivateKey({ key: pair.jwk, format: 'jwk' })
      return `${text}.${sign(null, Buffer.from(text), key).toString('base64url')}`
    },
    signTicket(claims) {
      const text = `${encode({ alg: 'HS256', kid: secret.kid, typ: 'JWT' })}.${encode(claims)}`
      return `${text}.${hmac(Buffer.from(String(secret.jwk.k), 'base64url'), text)}`
    },
    confuse(token) {
      const text = `${encode({ ...headerOf(token), alg: 'HS256' })}.${encode(claimsOf(token))}`
      return `${text}.${hmac(Buffer.from(String(pair.jwk.x), 'base64url'), text)}`
    },
  }
}

/** Returns the same claims under `alg: none` (RFC 8725 §2.1). */
export function unsigned(token: string): string {
  return `${encode({ alg: 'none', typ: 'JWT' })}.${encode(claimsOf(token))}.`
}

/** Returns the same signature over other claims. */
export function tampered(token: string, change: Claims): string {
  const [header, , signature] = token.split('.')
  return `${header}.${encode({ ...claimsOf(token), ...change })}.${signature}`
}

/** Returns the same claims with one bit of the signature flipped. */
export function damaged(token: string): string {
  const [header, claims, signature = ''] = token.split('.')
  const bytes = Buffer.from(signature, 'base64url')
  bytes[0] = (bytes[0] ?? 0) ^ 1
  return `${header}.${claims}.${bytes.toString('base64url')}`
}
