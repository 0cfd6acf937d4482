import { eventually } from '@floodgate/testkit'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { type FakeWaitingRoom, startFakeWaitingRoom } from '../testing/fake-waiting-room.ts'
import { createTestIssuer } from '../testing/issuer.ts'
import { createGate, type Gate } from './gate.ts'
import { createMemorySlots } from './memory-slots.ts'
import type { GateEvent } from './note.ts'
import type { GateOptions } from './options.ts'
import type { Pass } from './pass.ts'
import { gateRequest } from './request.ts'

const ORIGIN = 'https://shop.example'
const COOKIE = '__Host-floodgate-pass'
const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS

let room: FakeWaitingRoom
const clock = { ms: Math.floor(Date.now() / SECOND_MS) * SECOND_MS }
const now = () => clock.ms
beforeAll(async () => {
  room = await startFakeWaitingRoom({ now })
})
afterAll(() => room.close())
beforeEach(() => {
  Object.assign(room.state, { status: 200, isMute: false, failingFinishes: 0, extensionsMax: 2 })
  for (const list of [room.state.revoked, room.state.finished, room.state.requests]) list.length = 0
})

const create = (more: Partial<GateOptions> = {}) =>
  createGate({ queueUrl: room.url, sale: 'demo', origin: ORIGIN, now, ...more })

interface Asked {
  readonly method?: string
  readonly cookie?: string | undefined
  readonly name?: string
  readonly headers?: Readonly<Record<string, string>>
}

const request = (target: string, { method = 'GET', cookie, name = COOKIE, headers = {} }: Asked = {}) => {
  const all = { ...headers, ...(cookie !== undefined && { cookie: `${name}=${cookie}` }) }
  return gateRequest({ method, target, secure: true, header: (one) => (all as Record<string, string>)[one] })
}
const page = { 'sec-fetch-mode': 'navigate' }
/** Decides about a script's request with this pass. */
const decide = async (gate: Gate, cookie?: string, target = '/checkout') =>
  (await gate.check(request(target, { cookie }))).decision
const passWith = async (gate: Gate, cookie: string): Promise<Pass> => {
  const verdict = await gate.passOf(request('/', { cookie }))
  if (!('pass' in verdict)) throw new Error(`no pass: ${verdict.reason}`)
  return verdict.pass
}
/** Signs admissions whose slot no other test uses. */
const admission = (claims: object = {}) => room.admission({ jti: crypto.randomUUID(), ...claims })
const called = (path: string) => room.state.requests.filter((one) => one.endsWith(path)).length

describe('a turn', () => {
  it('is extended by the waiting room, together with the cookie', async () => {
    const gate = create()
    const pass = await passWith(gate, await admission())
    const extended = await gate.extend(pass, 1)
    if (extended.kind !== 'extended') throw new Error(extended.kind)
    expect(extended.pass.slot).toBe(pass.slot)
    expect(extended.pass.endsAt.getTime() - pass.endsAt.getTime()).toBe(MINUTE_MS)
    expect(extended.headers).toEqual([['set-cookie', expect.stringContaining(`${COOKIE}=${extended.pass.token};`)]])
    expect((await passWith(gate, extended.pass.token)).endsAt).toEqual(extended.pass.endsAt)
  })

  it('is not extended more often than the sale allows, nor by repeating a number', async () => {
    const gate = create()
    const pass = await passWith(gate, await admission())
    const [first, again] = [await gate.extend(pass, 1), await gate.extend(pass, 1)]
    expect(again).toEqual(first)
    expect(await gate.extend(pass, 3)).toEqual({ kind: 'rejected', code: 'extensions-used' })
  })

  it('that the shop made shorter stays so after an extension', async () => {
    const gate = create({ maxSeconds: 300 })
    const token = await admission()
    const extended = await gate.extend(await passWith(gate, token), 1)
    expect(extended).toMatchObject({ pass: { endsAt: new Date(clock.ms + 5 * MINUTE_MS) } })
    const iat = clock.ms / SECOND_MS - 301
    expect(await gate.extend(await passWith(gate, await admission({ iat })), 1)).toEqual({
      ...{ kind: 'rejected', code: 'admission-expired' },
    })
  })

  it.each<[string, () => void]>([
    ['does not respond in time', () => (room.state.isMute = true)],
    ['returns an error', () => (room.state.status = 503)],
  ])('does not change while the waiting room %s', async (_, breakIt) => {
    const gate = create()
    const pass = await passWith(gate, await admission())
    breakIt()
    const abort = new AbortController()
    const pending = gate.extend(pass, 1, { signal: abort.signal })
    if (room.state.isMute) await eventually(() => expect(called('/extension')).toBe(1))
    abort.abort()
    expect(await pending).toEqual({ kind: 'unavailable' })
  })

  it('is not exchanged for another slot or a forged admission', async () => {
    const [other, pass] = [await room.admission({ jti: 'other' }), await passWith(create(), await admission())]
    for (const token of [other, 'garbage', await (await createTestIssuer()).sign()]) {
      const fetch = async (url: string, init: RequestInit) =>
        url.endsWith('/extension') ? Response.json({ admission: token }) : await globalThis.fetch(url, init)
      expect(await create({ fetch }).extend(pass, 1)).toEqual({ kind: 'unavailable' })
    }
  })
})

describe('a slot', () => {
  it('is given back once the shop is done, and the pass is no longer valid', async () => {
    const gate = create()
    const token = await admission()
    const pass = await passWith(gate, token)
    const finished = await gate.finish(pass)
    expect(finished).toEqual({ kind: 'finished', headers: [['set-cookie', expect.stringMatching(/=; .*Max-Age=0/)]] })
    expect(room.state.finished).toEqual([pass.slot])
    expect(await decide(gate, token)).toEqual({ kind: 'problem', reason: 'revoked' })
    expect((await gate.finish(pass)).kind).toBe('finished')
  })

  it('is given back with an expired pass, too', async () => {
    const gate = create()
    const pass = await passWith(gate, await admission({ iat: 1, exp: 2 }))
    expect((await gate.finish(pass)).kind).toBe('finished')
    expect(room.state.finished).toEqual([pass.slot])
  })

  it('is given back at the third attempt, after which this call gives up', async () => {
    const gate = create()
    const pass = await passWith(gate, await admission())
    room.state.failingFinishes = 2
    expect((await gate.finish(pass)).kind).toBe('finished')
    room.state.failingFinishes = 99
    room.state.requests.length = 0
    expect((await gate.finish(pass)).kind).toBe('unavailable')
    expect(called('/finished')).toBe(3)
  })

  it('of a rejected pass is not retried, and the code is returned', async () => {
    const gate = create()
    const pass = await passWith(gate, await admission())
    room.state.requests.length = 0
    expect(await gate.finish({ ...pass, token: '' })).toMatchObject({ kind: 'rejected', code: 'admission-missing' })
    expect(called('/finished')).toBe(1)
  })

  it('gets no further attempt once its return is aborted', async () => {
    const gate = create()
    const pass = await passWith(gate, await admission())
    room.state.isMute = true
    const abort = new AbortController()
    const pending = gate.finish(pass, { signal: abort.signal })
    await eventually(() => expect(called('/finished')).toBe(1))
    abort.abort()
    expect((await pending).kind).toBe('unavailable')
    expect(called('/finished')).toBe(1)
  })

  it('is used once, by the requests that place the order', async () => {
    const store = createMemorySlots()
    const oncePerSlot = { ...store, counts: ({ path }: { path: string }) => path === '/orders' }
    const gate = create({ oncePerSlot })
    const token = await admission()
    const slot = (await passWith(gate, token)).slot
    expect(await decide(gate, token, '/checkout')).toEqual({ kind: 'admitted' })
    expect(await decide(gate, token, '/orders')).toEqual({ kind: 'admitted' })
    expect(await decide(gate, token, '/orders')).toEqual({ kind: 'problem', reason: 'used' })
    store.free(slot)
    expect(await decide(gate, token, '/orders')).toEqual({ kind: 'admitted' })
  })

  it('whose store fails is decided by failMode', async () => {
    const oncePerSlot = { use: () => Promise.reject(new Error('Redis is down')), counts: () => true }
    const token = await admission()
    const reason = 'slots-unavailable'
    expect(await decide(create({ oncePerSlot }), token)).toEqual({ kind: 'problem', reason })
    expect(await decide(create({ oncePerSlot, failMode: 'open' }), token)).toEqual({ kind: 'open', reason })
  })
})

describe('revocations', () => {
  it('are read each second while there is traffic, and not without', async () => {
    const gate = create({ revocations: true })
    const token = await admission()
    for (const _ of ['first', 'second', 'third']) await decide(gate, token)
    expect(called('/revocations')).toBe(1)
    clock.ms += 1_000
    await Promise.all([decide(gate, token), decide(gate, token)])
    await eventually(() => expect(called('/revocations')).toBe(2))
    clock.ms += 1_000
    expect(called('/revocations')).toBe(2)
    expect(await create({}).check(request('/checkout', { cookie: token }))).toMatchObject({
      decision: { kind: 'admitted' },
    })
    expect(called('/revocations')).toBe(2)
  })

  it('count at once after a quiet time, otherwise within two seconds', async () => {
    const gate = create({ revocations: true })
    const token = await admission()
    const { slot } = await passWith(gate, token)
    room.state.revoked.push(slot)
    clock.ms += 2_000
    expect(await decide(gate, token)).toEqual({ kind: 'problem', reason: 'revoked' })

    const other = await admission()
    expect(await decide(gate, other)).toEqual({ kind: 'admitted' })
    room.state.revoked.push((await passWith(gate, other)).slot)
    clock.ms += 1_000
    await decide(gate, other)
    await eventually(async () => expect(await decide(gate, other)).toEqual({ kind: 'problem', reason: 'revoked' }))
  })

  it('also count for a returning buyer', async () => {
    const gate = create({ revocations: true })
    const jti = crypto.randomUUID()
    room.state.revoked.push(jti)
    const target = `/checkout?floodgate=${await room.handover(ORIGIN, { jti })}`
    const { decision } = await gate.check(request(target, { headers: page }))
    expect(decision).toEqual({ kind: 'to-line', reason: 'revoked' })
  })

  it('count for 30 s of an outage, then failMode decides', async () => {
    const [closed, open] = [create({ revocations: true }), create({ revocations: true, failMode: 'open' })]
    const token = await admission()
    for (const gate of [closed, open]) expect(await decide(gate, token)).toEqual({ kind: 'admitted' })
    room.state.status = 503
    clock.ms += 29_000
    for (const gate of [closed, open]) expect(await decide(gate, token)).toEqual({ kind: 'admitted' })
    clock.ms += 1_000
    const reason = 'revocations-unavailable'
    expect(await decide(closed, token)).toEqual({ kind: 'problem', reason })
    expect(await decide(open, token)).toEqual({ kind: 'open', reason })
    room.state.status = 200
    clock.ms += 1_000
    await eventually(async () => expect(await decide(closed, token)).toEqual({ kind: 'admitted' }))
  })
})

describe('while the waiting room is down', () => {
  it('known keys count for as long as staleKeysSeconds says', async () => {
    const gate = create({ staleKeysSeconds: 600 })
    const token = await admission({ exp: clock.ms / SECOND_MS + 3_600 })
    expect(await decide(gate, token)).toEqual({ kind: 'admitted' })
    room.state.status = 503
    clock.ms += 599 * SECOND_MS
    expect(await decide(gate, token)).toEqual({ kind: 'admitted' })
    clock.ms += SECOND_MS
    expect(await decide(gate, token)).toEqual({ kind: 'problem', reason: 'keys-unavailable' })
    room.state.status = 200
    clock.ms += SECOND_MS
    await eventually(async () => expect(await decide(gate, token)).toEqual({ kind: 'admitted' }))
  })

  it('the keys are requested once a second, however many buyers come', async () => {
    const gate = create()
    const token = await admission()
    room.state.status = 503
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
    const gate = create({ fetch })
    const token = await admission()
    for (const expected of [1, 2, 2]) {
      expect(await decide(gate, token)).toEqual({ kind: 'problem', reason: 'keys-unavailable' })
      expect(calls).toBe(expected)
      clock.ms += SECOND_MS
    }
  })

  it('keys in the options need no server', async () => {
    room.state.status = 503
    const gate = create({ jwks: room.issuer.jwks })
    expect(await decide(gate, await admission())).toEqual({ kind: 'admitted' })
    expect(room.state.requests).toEqual([])
  })

  it('an open gate sends buyers to the line again as soon as it is back', async () => {
    const gate = create({ failMode: 'open' })
    expect(await decide(gate)).toEqual({ kind: 'problem', reason: 'missing' })
    room.state.status = 503
    const opened = { kind: 'open', reason: 'waiting-room-unavailable' }
    await eventually(async () => {
      clock.ms += 5_000
      expect(await decide(gate)).toEqual(opened)
    })
    room.state.status = 200
    await eventually(async () => {
      clock.ms += 5_000
      expect(await decide(gate)).toEqual({ kind: 'problem', reason: 'missing' })
    })
  })

  it('an open gate ignores a single failed call', async () => {
    const gate = create({ failMode: 'open' })
    await decide(gate)
    room.state.status = 503
    clock.ms += 5_000
    await decide(gate)
    await eventually(() => expect(called('/jwks.json')).toBe(2))
    room.state.status = 200
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
    const gate = create({ fetch, ...(isOpen && { failMode: 'open' }) })
    const token = isOpen ? undefined : await admission({ exp: clock.ms / SECOND_MS + 3_600 })
    for (const _ of ['first', 'when it is due again']) {
      clock.ms += 5 * MINUTE_MS
      await decide(gate, token)
      order.push('decided')
    }
    expect(order).toEqual(['fetched', 'decided', 'fetched', 'decided'])
  })
})

describe('a shop of several sales', () => {
  const sale = ({ path }: { path: string }) => /^\/sales\/([^/]+)/.exec(path)?.[1]

  it('has a cookie for each, and is not protected where no sale is named', async () => {
    const gate = create({ sale })
    const handover = await room.handover(ORIGIN, { sale: 'one' })
    const { response } = await gate.check(
      request(`/sales/one?floodgate=${handover}`, { headers: { ...page, cookie: 'a=1' } }),
    )
    const [, cookie] = response?.headers.find(([name]) => name === 'set-cookie') ?? []
    expect(cookie).toMatch(/^__Host-floodgate-pass-one=/)
    const [token = ''] = handover.split(/(?<=^[^.]+\.[^.]+\.[^.]+)\./)
    const asked = { cookie: token, name: `${COOKIE}-one` }
    expect((await gate.check(request('/sales/one/pay', asked))).decision).toEqual({ kind: 'admitted' })
    expect((await gate.check(request('/sales/two', asked))).decision).toEqual({ kind: 'problem', reason: 'missing' })
    expect((await gate.check(request('/', asked))).decision).toEqual({ kind: 'untouched' })
    expect(await gate.passOf(request('/thanks', asked), { sale: 'one' })).toMatchObject({ kind: 'valid' })
  })

  it('is protected even where the path names an impossible sale', async () => {
    const { decision, response } = await create({ sale }).check(request('/sales/%2e%2e;Evil"', { headers: page }))
    expect(decision).toEqual({ kind: 'to-line', reason: 'missing' })
    expect(response?.headers).toContainEqual(['location', expect.stringContaining('/sales/%252e%252e%3BEvil%22?')])
  })
})

describe('decisions', () => {
  it('are counted and reported, with the finding of the verifier', async () => {
    const events: GateEvent[] = []
    const gate = create({ onEvent: (event) => events.push(event) })
    await decide(gate, await admission({ iss: 'somebody' }))
    await decide(gate, await admission())
    await gate.check(request('/checkout', { method: 'HEAD' }))
    expect(events).toEqual([
      {
        kind: 'problem',
        reason: 'issuer',
        detail: expect.stringContaining('somebody'),
        sale: 'demo',
        path: '/checkout',
      },
      { kind: 'admitted', sale: 'demo', slot: expect.any(String), path: '/checkout' },
    ])
    expect(gate.metrics()).toEqual([
      { kind: 'problem', reason: 'issuer', count: 1 },
      { kind: 'admitted', count: 1 },
    ])
  })

  it('do not depend on a failing log, or on an invalid identity', async () => {
    const onEvent = () => {
      throw new Error('the disk is full')
    }
    const gate = create({ onEvent, identity: () => 'not a token' })
    expect(await decide(gate)).toEqual({ kind: 'problem', reason: 'missing' })
    expect(gate.metrics()).toContainEqual({ kind: 'identity-failed', count: 1 })
  })

  it('use the page of the shop', async () => {
    const gate = create({ page: ({ reason, retryUrl }) => `<p>${reason} ${retryUrl}` })
    const target = '/checkout?a=1&floodgate-refused=1&floodgate=garbage'
    const { response } = await gate.check(request(target, { headers: page }))
    expect([response?.status, response?.body]).toEqual([403, '<p>malformed /checkout?a=1'])
  })

  it('use the valid cookie among several of the name', async () => {
    const gate = create()
    const token = await admission()
    const header = (values: readonly string[]) => ({ cookie: values.map((value) => `${COOKIE}=${value}`).join('; ') })
    const verdictOf = async (...values: string[]) =>
      (await gate.check(request('/', { headers: header(values) }))).decision
    expect(await verdictOf('garbage', 'more', token)).toEqual({ kind: 'admitted' })
    expect(await verdictOf('garbage', await admission({ iat: 1, exp: 2 }))).toEqual({
      kind: 'problem',
      reason: 'expired',
    })
    expect(await verdictOf('a', 'b', 'c', 'd', token)).toEqual({ kind: 'problem', reason: 'malformed' })
  })

  it('of a diagnosis take no slot and store nothing', async () => {
    const slots = createMemorySlots()
    const gate = create({ oncePerSlot: { ...slots, counts: () => true } })
    const token = await admission()
    const { slot } = await passWith(gate, token)
    const headers = { 'floodgate-diagnosis': await room.diagnosis() }
    const { response, decision } = await gate.check(request('/checkout', { cookie: token, headers }))
    expect([decision.kind, response?.status, slots.has(slot)]).toEqual(['diagnosis', 200, false])
    expect(response?.headers.some(([name]) => name === 'set-cookie')).toBe(false)
    const options = await gate.check(request('/checkout', { method: 'OPTIONS', headers }))
    expect(options.decision).toEqual({ kind: 'untouched' })
  })
})
