import { createPublicKey, verify } from 'node:crypto'
import { createAdmissionVerifier } from '@floodgate/admission'
import { createLocalJWKSet, exportJWK, generateKeyPair, jwtVerify, SignJWT } from 'jose'
import type { Contender } from './alternate.ts'

const ISSUER = 'floodgate'
const AUDIENCE = 'order-core'
const HOUR_SECONDS = 3_600

export const VERIFIER = "the package's verifier"
export const JOSE = 'bare jwtVerify of jose'
export const NODE_CRYPTO = 'bare verify of node:crypto'

/**
 * Prepares three ways to verify the same tokens, all distinct, with a warm key: the package's verifier without its
 * cache, jose, and a signature check by `node:crypto` that looks at no claim. Each throws for a token that is not valid.
 */
export async function prepareVerifiers(count: number): Promise<readonly Contender[]> {
  const { publicKey, privateKey } = await generateKeyPair('EdDSA', { extractable: true })
  const jwk = { ...(await exportJWK(publicKey)), kid: 'key-1', alg: 'EdDSA', use: 'sig' }
  const tokens: string[] = []
  for (let index = 0; index < count; index += 1) {
    const claims = new SignJWT({ sale: 'demo' }).setSubject(`buyer-${index}`).setJti(`slot-${index}`).setIssuedAt()
    const issued = claims.setIssuer(ISSUER).setAudience(AUDIENCE).setExpirationTime(`${HOUR_SECONDS} s`)
    tokens.push(await issued.setProtectedHeader({ alg: 'EdDSA', kid: 'key-1' }).sign(privateKey))
  }

  const verifier = createAdmissionVerifier({
    ...{ jwks: { keys: [jwk] }, issuer: ISSUER, audience: AUDIENCE, cacheMax: 0 },
  })
  const keySet = createLocalJWKSet({ keys: [jwk] })
  const options = { issuer: ISSUER, audience: AUDIENCE, algorithms: ['EdDSA'] }
  const key = createPublicKey({ key: jwk, format: 'jwk' })

  return [
    overTokens(tokens, VERIFIER, async (token) => (await verifier.verify(token)).kind === 'valid'),
    overTokens(tokens, JOSE, async (token) => (await jwtVerify(token, keySet, options)).payload.sale === 'demo'),
    overTokens(tokens, NODE_CRYPTO, async (token) => {
      const dot = token.lastIndexOf('.')
      const signature = Buffer.from(token.slice(dot + 1), 'base64url')
      return verify(null, Buffer.from(token.slice(0, dot), 'latin1'), key, signature)
    }),
  ]
}

const overTokens = (
  tokens: readonly string[],
  name: string,
  isValid: (token: string) => Promise<boolean>,
): Contender => {
  let next = 0
  return {
    name,
    work: async (times) => {
      for (let done = 0; done < times; done += 1) {
        const token = tokens[next % tokens.length] ?? ''
        next += 1
        if (!(await isValid(token))) throw new Error(`${name} rejected a genuine token.`)
      }
    },
  }
}
