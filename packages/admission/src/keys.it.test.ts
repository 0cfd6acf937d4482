import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { eventually } from '@floodgate/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AdmissionKeysUnavailable } from './keys.ts'
import { createTestIssuer, NOW_SECONDS } from './testing/issuer.ts'
import { createAdmissionVerifier } from './verifier.ts'

/** Serves keys: the response can be changed, and every fetch is counted. */
const publishKeys = async () => {
  const published = { keys: [] as object[], status: 200, fetches: 0 }
  const server = createServer((_, response) => {
    published.fetches += 1
    response.writeHead(published.status, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ keys: published.keys }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = () => {
    server.closeAllConnections()
    server.close()
  }
  return { published, close, jwksUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json` }
}

describe('published keys', () => {
  let place: Awaited<ReturnType<typeof publishKeys>>
  beforeEach(async () => {
    place = await publishKeys()
  })
  afterEach(() => place.close())

  const clock = { ms: NOW_SECONDS * 1_000 }
  const createVerifier = () =>
    createAdmissionVerifier({
      jwksUrl: place.jwksUrl,
      issuer: 'floodgate',
      audience: 'order-core',
      now: () => clock.ms,
    })

  it('are fetched once for many tokens', async () => {
    const issuer = await createTestIssuer()
    place.published.keys = issuer.jwks.keys
    const { verify } = createVerifier()
    const tokens = await Promise.all(Array.from({ length: 20 }, (_, n) => issuer.sign({ jti: `slot-${n}` })))
    const verdicts = await Promise.all(tokens.map(verify))
    expect(verdicts.every(({ kind }) => kind === 'valid')).toBe(true)
    expect(place.published.fetches).toBe(1)
  })

  it('that are missing do not invalidate a token', async () => {
    const issuer = await createTestIssuer()
    place.published.status = 503
    const { verify } = createVerifier()
    await expect(verify(await issuer.sign())).rejects.toThrow(AdmissionKeysUnavailable)
    place.published.status = 200
    place.published.keys = issuer.jwks.keys
    expect((await verify(await issuer.sign())).kind).toBe('valid')
  })

  it('that cannot be fetched do not invalidate a token either', async () => {
    const issuer = await createTestIssuer()
    const { verify } = createVerifier()
    place.close()
    await expect(verify(await issuer.sign())).rejects.toMatchObject({ code: 'admission-keys-unavailable' })
  })

  it('stay in use while the issuer is down, and are fetched again when it is back', async () => {
    const [first, second] = [await createTestIssuer('key-1'), await createTestIssuer('key-2')]
    place.published.keys = first.jwks.keys
    const { verify } = createVerifier()
    await verify(await first.sign())
    place.published.status = 500
    clock.ms += 6 * 60 * 1_000
    const fetchesBefore = place.published.fetches
    const later = { iat: clock.ms / 1_000, exp: clock.ms / 1_000 + 3_600 }
    expect((await verify(await first.sign({ ...later, jti: 'a' }))).kind).toBe('valid')
    await eventually(() => expect(place.published.fetches).toBeGreaterThan(fetchesBefore))

    place.published.status = 200
    place.published.keys = second.jwks.keys
    clock.ms += 6 * 60 * 1_000
    await eventually(async () => {
      const rotated = await second.sign({ ...later, jti: crypto.randomUUID() })
      expect((await verify(rotated)).kind).toBe('valid')
    })
  })

  it('that were withdrawn verify nothing, not even tokens verified before', async () => {
    const [first, second] = [await createTestIssuer('key-1'), await createTestIssuer('key-2')]
    place.published.keys = first.jwks.keys
    const { verify } = createVerifier()
    const token = await first.sign({ exp: clock.ms / 1_000 + 86_400 })
    for (const _ of ['first', 'remembered', 'again']) expect((await verify(token)).kind).toBe('valid')
    const ended = await first.sign({ jti: 'ended', exp: clock.ms / 1_000 - 10 })
    for (const _ of ['first', 'remembered']) expect((await verify(ended)).kind).toBe('expired')

    place.published.keys = second.jwks.keys
    clock.ms += 6 * 60 * 1_000
    await eventually(async () => {
      expect((await verify(token)).kind).toBe('invalid')
      expect((await verify(ended)).kind).toBe('invalid')
    })
  })
})
