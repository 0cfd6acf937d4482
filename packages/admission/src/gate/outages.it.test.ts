import { eventually } from '@floodgate/testkit'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  decide,
  MINUTE_MS,
  ORIGIN,
  page,
  passWith,
  request,
  SECOND_MS,
  useWaitingRoom,
} from '../testing/use-waiting-room.ts'

const { clock, room, state, createGate, admission, called } = useWaitingRoom()

describe('revocations', () => {
  it('are read each second while there is traffic, and not without', async () => {
    const gate = createGate({ revocations: true })
    const token = await admission()
    for (const _ of ['first', 'second', 'third']) await decide(gate, token)
    expect(called('/revocations')).toBe(1)
    clock.ms += 1_000
    await Promise.all([decide(gate, token), decide(gate, token)])
    await eventually(() => expect(called('/revocations')).toBe(2))
    clock.ms += 1_000
    expect(called('/revocations')).toBe(2)
    expect(await createGate({}).check(request('/checkout', { cookie: token }))).toMatchObject({
      decision: { kind: 'admitted' },
    })
    expect(called('/revocations')).toBe(2)
  })

  it('count at once after a quiet time, otherwise within two seconds', async () => {
    const gate = createGate({ revocations: true })
    const token = await admission()
    const { slot } = await passWith(gate, token)
    state().revoked.push(slot)
    clock.ms += 2_000
    expect(await decide(gate, token)).toEqual({ kind: 'problem', reason: 'revoked' })

    const other = await admission()
    expect(await decide(gate, other)).toEqual({ kind: 'admitted' })
    state().revoked.push((await passWith(gate, other)).slot)
    clock.ms += 1_000
    await decide(gate, other)
    await eventually(async () => expect(await decide(gate, other)).toEqual({ kind: 'problem', reason: 'revoked' }))
  })

  it('also count for a returning buyer', async () => {
    const gate = createGate({ revocations: true })
    const jti = crypto.randomUUID()
    state().revoked.push(jti)
    const target = `/checkout?floodgate=${await room().handover(ORIGIN, { jti })}`
    const { decision } = await gate.check(request(target, { headers: page }))
    expect(decision).toEqual({ kind: 'to-line', reason: 'revoked' })
  })

  it('count for 30 s of an outage, then failMode decides', async () => {
    const [closed, open] = [createGate({ revocations: true }), createGate({ revocations: true, failMode: 'open' })]
    const token = await admission()
    for (const gate of [closed, open]) expect(await decide(gate, token)).toEqual({ kind: 'admitted' })
    state().status = 503
    clock.ms += 29_000
    for (const gate of [closed, open]) expect(await decide(gate, token)).toEqual({ kind: 'admitted' })
    clock.ms += 1_000
    const reason = 'revocations-unavailable'
    expect(await decide(closed, token)).toEqual({ kind: 'problem', reason })
    expect(await decide(open, token)).toEqual({ kind: 'open', reason })
    state().status = 200
    clock.ms += 1_000
    await eventually(async () => expect(await decide(closed, token)).toEqual({ kind: 'admitted' }))
  })
})

describe('while the waiting room is down', () => {
  it('known keys count for as long as staleKeysSeconds says', async () => {
    const gate = createGate({ staleKeysSeconds: 600 })
    const token = await admission({ exp: clock.ms / SECOND_MS + 3_600 })
    expect(await decide(gate, token)).toEqual({ kind: 'admitted' })
    state().status = 503
    clock.ms += 599 * SECOND_MS
    expect(await decide(gate, token)).toEqual({ kind: 'admitted' })
    clock.ms += SECOND_MS
    expect(await decide(gate, token)).toEqual({ kind: 'problem', reason: 'keys-unavailable' })
    state().status = 200
    clock.ms += SECOND_MS
    await eventually(async () => expect(await decide(gate, token)).toEqual({ kind: 'admitted' }))
  })

  it('the keys are requested once a second, however many buyers come', async () => {
    const gate = createGate()
    const token = await admission()
    state().status = 503
    for (const _ of Array.from({ length: 20 })) await decide(gate, token)
    expect(called('/jwks.json')).toBe(1)
    clock.ms += SECOND_MS
    await decide(gate, token)
    await eventually(() => expect(called('/jwks.json')).toBe(2))
  })

  it('no buyer waits for an attempt after the first failure', async () => {
    let calls = 0
    const fetch = () => {
      calls += 1
      return calls === 1 ? Promise.reject(new Error('refused')) : new Promise<Response>(() => undefined)
    }
    const gate = createGate({ fetch })
    const token = await admission()
    for (const expected of [1, 2, 2]) {
      expect(await decide(gate, token)).toEqual({ kind: 'problem', reason: 'keys-unavailable' })
      expect(calls).toBe(expected)
      clock.ms += SECOND_MS
    }
  })

  it('keys in the options need no server', async () => {
    state().status = 503
    const gate = createGate({ jwks: room().issuer.jwks })
    expect(await decide(gate, await admission())).toEqual({ kind: 'admitted' })
    expect(state().requests).toEqual([])
  })

  it('an open gate sends buyers to the line again as soon as it is back', async () => {
    const gate = createGate({ failMode: 'open' })
    expect(await decide(gate)).toEqual({ kind: 'problem', reason: 'missing' })
    state().status = 503
    const opened = { kind: 'open', reason: 'waiting-room-unavailable' }
    await eventually(async () => {
      clock.ms += 5_000
      expect(await decide(gate)).toEqual(opened)
    })
    state().status = 200
    await eventually(async () => {
      clock.ms += 5_000
      expect(await decide(gate)).toEqual({ kind: 'problem', reason: 'missing' })
    })
  })

  it('an open gate ignores a single failed call', async () => {
    const gate = createGate({ failMode: 'open' })
    await decide(gate)
    state().status = 503
    clock.ms += 5_000
    await decide(gate)
    await eventually(() => expect(called('/jwks.json')).toBe(2))
    state().status = 200
    expect(await decide(gate)).toEqual({ kind: 'problem', reason: 'missing' })
  })
})

describe('on Cloudflare Workers, where work that no request awaits is dropped', () => {
  beforeEach(() => vi.stubGlobal('navigator', { userAgent: 'Cloudflare-Workers' }))
  afterEach(() => vi.unstubAllGlobals())

  it.each([false, true])('the request that starts a call awaits it (failMode open: %s)', async (isOpen) => {
    const order: string[] = []
    const fetch = async (url: string, init: RequestInit) => {
      const response = await globalThis.fetch(url, init)
      order.push('fetched')
      return response
    }
    const gate = createGate({ fetch, ...(isOpen && { failMode: 'open' }) })
    const token = isOpen ? undefined : await admission({ exp: clock.ms / SECOND_MS + 3_600 })
    for (const _ of ['first', 'when it is due again']) {
      clock.ms += 5 * MINUTE_MS
      await decide(gate, token)
      order.push('decided')
    }
    expect(order).toEqual(['fetched', 'decided', 'fetched', 'decided'])
  })
})
