import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { SaleIdentity } from '@floodgate/contracts'
import { exportJWK, generateKeyPair, type JWTHeaderParameters, type JWTPayload, SignJWT } from 'jose'

export const ISSUER = 'https://login.shop.example'
export const AUDIENCE = 'floodgate-line'

/** A key pair of an issuer of ID tokens. */
export async function createSigningKey(kid: string, alg = 'ES256') {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  const jwk = { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' }
  /** Signs an ID token of account 4711 that is valid for an hour from `nowMs`; `undefined` removes a claim. */
  function sign(
    claims: { readonly [claim: string]: unknown } = {},
    { header = {}, nowMs = Date.now() }: { header?: Partial<JWTHeaderParameters>; nowMs?: number } = {},
  ): Promise<string> {
    const nowSeconds = Math.floor(nowMs / 1_000)
    const usual = { iss: ISSUER, aud: AUDIENCE, sub: '4711', iat: nowSeconds, exp: nowSeconds + 3_600 }
    const payload = JSON.parse(JSON.stringify({ ...usual, ...claims })) as JWTPayload
    return new SignJWT(payload).setProtectedHeader({ alg, kid, ...header }).sign(privateKey)
  }
  return { jwk, privateKey, sign }
}
export type SigningKey = Awaited<ReturnType<typeof createSigningKey>>

/** An issuer that publishes keys over HTTP; what it responds can be changed, and every fetch is counted. */
export async function startIssuer(...keys: readonly SigningKey[]) {
  const published = { body: JSON.stringify({ keys: keys.map(({ jwk }) => jwk) }), status: 200, fetches: 0 }
  const server = createServer((_, response) => {
    published.fetches += 1
    response.writeHead(published.status, { 'content-type': 'application/json', location: '/elsewhere' })
    response.end(published.body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const jwksUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`
  return {
    published,
    jwksUrl,
    publish: (...others: readonly SigningKey[]) => {
      published.body = JSON.stringify({ keys: others.map(({ jwk }) => jwk) })
    },
    identity: (mode: SaleIdentity['mode']): SaleIdentity => ({ mode, issuer: ISSUER, audience: AUDIENCE, jwksUrl }),
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
export type TestIssuer = Awaited<ReturnType<typeof startIssuer>>
