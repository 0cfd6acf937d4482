import { type AddressInfo, createServer, type Socket } from 'node:net'
import type { SaleIdentity } from '@floodgate/contracts'
import { eventually } from '@floodgate/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSigningKey, startIssuer, type TestIssuer } from '../testing/test-issuer.ts'
import { COOLDOWN_MS, createIssuerKeys, STALE_KEYS_MS_MAX, UNUSED_MS } from './issuer-keys.ts'
import { createIdTokenVerifier } from './verify-id-token.ts'

describe('the keys of an issuer', () => {
  const clock = { ms: 0 }
  let issuer: TestIssuer
  let identity: SaleIdentity
  let unavailable: string[]
  beforeEach(async () => {
    issuer = await startIssuer()
    identity = issuer.identity('required')
    clock.ms = Date.now()
    unavailable = []
  })
  afterEach(() => issuer.close())
  const createVerify = () => {
    const verify = createIdTokenVerifier({
      onKeysUnavailable: (_, url) => unavailable.push(url),
      now: () => clock.ms,
      keysAt: (jwksUrl) => createIssuerKeys(jwksUrl, () => clock.ms),
    })
    return function verifyForSale(token: string) {
      return verify(identity, token)
    }
  }

  it('are fetched once for any number of tokens', async () => {
    const key = await createSigningKey('one')
    issuer.publish(key)
    const verify = createVerify()
    const tokens = await Promise.all(Array.from({ length: 20 }, (_, n) => key.sign({ sub: String(n) })))
    const accounts = await Promise.all(tokens.map(verify))
    expect(new Set(accounts.map(({ buyer }) => buyer)).size).toBe(20)
    expect(issuer.published.fetches).toBe(1)
  })

  it.each([
    ['an error', 500, '{"keys":[]}'],
    ['a redirect', 302, '{"keys":[]}'],
    ['no JSON', 200, '<html>'],
    ['no keys', 200, '{"key":[]}'],
    ['more than a JWKS has', 200, `{"keys":[],"x":"${'x'.repeat(300_000)}"}`],
  ])('that were never read do not invalidate a token: %s', async (_, status, body) => {
    const key = await createSigningKey('one')
    Object.assign(issuer.published, { status, body })
    const verify = createVerify()
    const failure = { code: 'unavailable', headers: { 'retry-after': '2' } }
    await expect(verify(await key.sign())).rejects.toMatchObject(failure)
    // A crowd does not repeat the request; a moment later it is made again.
    await expect(verify(await key.sign())).rejects.toMatchObject(failure)
    expect(issuer.published.fetches).toBe(1)
    expect(unavailable).toEqual([issuer.jwksUrl, issuer.jwksUrl])
    issuer.published.status = 200
    issuer.publish(key)
    clock.ms += 2_000
    await expect(verify(await key.sign())).resolves.toMatchObject({ idToken: '' })
  })

  it('are read again after an outage, whatever happens to the wall clock', async () => {
    const key = await createSigningKey('one')
    issuer.publish(key)
    issuer.published.status = 503
    const verify = createIdTokenVerifier({ onKeysUnavailable: () => undefined, now: () => clock.ms })
    await expect(verify(identity, await key.sign())).rejects.toMatchObject({ code: 'unavailable' })
    issuer.published.status = 200
    clock.ms -= 3_600_000
    const token = await key.sign({}, { nowMs: clock.ms })
    await eventually(async () => expect(await verify(identity, token)).toMatchObject({ idToken: '' }))
  })

  it('that cannot be reached do not invalidate a token either', async () => {
    issuer.close()
    await expect(createVerify()(await (await createSigningKey('one')).sign())).rejects.toMatchObject({
      code: 'unavailable',
    })
  })

  it.each([
    ['a server that accepts and says nothing', () => undefined],
    [
      'a response that never ends',
      (socket: Socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{"keys":['),
    ],
    ['a response that is no HTTP', (socket: Socket) => socket.end('-ERR unknown command\r\n')],
  ])('are given up in time: %s', async (_, onConnection) => {
    const sockets = new Set<Socket>()
    const server = createServer((socket) => {
      sockets.add(socket.on('error', () => undefined))
      onConnection(socket)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    identity = { ...identity, jwksUrl: `http://127.0.0.1:${port}/jwks.json` }
    await expect(createVerify()(await (await createSigningKey('one')).sign())).rejects.toMatchObject({
      code: 'unavailable',
    })
    for (const socket of sockets) socket.destroy()
    server.close()
  })

  it('stay in use while the issuer is down, for a day', async () => {
    const key = await createSigningKey('one')
    issuer.publish(key)
    const verify = createVerify()
    await verify(await key.sign())
    issuer.published.status = 503
    clock.ms += STALE_KEYS_MS_MAX - 60_000
    await expect(verify(await key.sign({}, { nowMs: clock.ms }))).resolves.toMatchObject({ idToken: '' })
    await eventually(() => expect(issuer.published.fetches).toBe(2))
    clock.ms += 120_000
    await expect(verify(await key.sign({}, { nowMs: clock.ms }))).rejects.toMatchObject({ code: 'unavailable' })
    issuer.published.status = 200
    clock.ms += 2_000
    await expect(verify(await key.sign({}, { nowMs: clock.ms }))).resolves.toMatchObject({ idToken: '' })
  })

  it('are found after a rotation, and withdrawn ones verify nothing after the next refresh', async () => {
    const [first, second] = [await createSigningKey('one'), await createSigningKey('two')]
    issuer.publish(first)
    const verify = createVerify()
    // The verifier's clock stands still.
    const [old, rotated] = await Promise.all([first, second].map((key) => key.sign({}, { nowMs: clock.ms })))
    await verify(old ?? '')
    issuer.publish(second)
    // jose measures the cooldown by the real clock.
    await eventually(
      async () => {
        await expect(verify(rotated ?? '')).resolves.toMatchObject({ idToken: '' })
      },
      { timeoutMs: COOLDOWN_MS * 3 },
    )
    await expect(verify(old ?? '')).rejects.toMatchObject({ code: 'identity-invalid' })
  })

  it('are refreshed after a while without tokens before one is judged: a withdrawn key verifies none', async () => {
    const [first, second] = [await createSigningKey('one'), await createSigningKey('two')]
    issuer.publish(first)
    const verify = createVerify()
    await verify(await first.sign())
    issuer.publish(second)
    clock.ms += UNUSED_MS + 1_000
    const tokens = [await first.sign({}, { nowMs: clock.ms }), await first.sign({}, { nowMs: clock.ms })]
    const judged = await Promise.allSettled(tokens.map(verify))
    expect(judged).toMatchObject(tokens.map(() => ({ reason: { code: 'identity-invalid' } })))
    expect(issuer.published.fetches).toBe(2)
  })

  it('are not fetched for each forged key id', async () => {
    const [key, forger] = [await createSigningKey('one'), await createSigningKey('forged')]
    issuer.publish(key)
    const verify = createVerify()
    await verify(await key.sign())
    for (let at = 0; at < 20; at += 1)
      await expect(verify(await forger.sign({}, { header: { kid: `forged-${at}` } }))).rejects.toMatchObject({
        code: 'identity-invalid',
      })
    expect(issuer.published.fetches).toBe(1)
  })
})
