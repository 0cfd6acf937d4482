import { createPrivateKey, sign } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

/** The part of the private key file that signs admissions: Ed25519, in the form of RFC 8037. */
const keyFile = z.object({ keys: z.array(z.looseObject({ kty: z.string(), kid: z.string() })) })

const ISSUER = 'floodgate'
const AUDIENCE = 'order-core'
const LIFETIME_SECONDS = 3_600

/** Signs an admission of a buyer in a slot. */
export type SignAdmission = (of: { readonly buyer: string; readonly slot: string }) => string

/** Reads a system's own signing key and returns a function that signs admissions to a sale, each valid for an hour. */
export async function createAdmissionSigner(dataDir: string, sale: string): Promise<SignAdmission> {
  const { keys } = keyFile.parse(JSON.parse(await readFile(join(dataDir, 'keys.json'), 'utf8')))
  const jwk = keys.find(({ kty }) => kty === 'OKP')
  if (jwk === undefined) throw new Error('The key file has no key that signs admissions.')
  const key = createPrivateKey({ key: jwk, format: 'jwk' })
  const header = encoded({ alg: 'EdDSA', kid: jwk.kid, typ: 'JWT' })
  return function signAdmission({ buyer, slot }) {
    const iat = Math.floor(Date.now() / 1_000)
    const claims = { sale, iss: ISSUER, aud: AUDIENCE, sub: buyer, jti: slot, iat, exp: iat + LIFETIME_SECONDS }
    const signed = `${header}.${encoded(claims)}`
    return `${signed}.${sign(null, Buffer.from(signed), key).toString('base64url')}`
  }
}

const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url')
