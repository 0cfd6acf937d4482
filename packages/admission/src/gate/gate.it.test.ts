import { eventually } from '@floodgate/testkit'
import { describe, expect, it } from 'vitest'
import { createTestIssuer } from '../testing/issuer.ts'
import {
  COOKIE,
  decide,
  MINUTE_MS,
  ORIGIN,
  page,
  passWith,
  request,
  SECOND_MS,
  useWaitingRoom,
} from '../testing/use-waiting-room.ts'
import { createMemorySlots } from './memory-slots.ts'
import type { GateEvent } from './note.ts'

const { clock, room, state, createGate, admission, called } = useWaitingRoom()

describe('a turn', () => {
  it('is extended by the waiting room, together with the cookie', async () => {
    const gate = createGate()
    const pass = await passWith(gate, await admission())
    const extended = await gate.extend(pass, 1)
    if (extended.kind !== 'extended') throw new Error(extended.kind)
    expect(extended.pass.slot).toBe(pass.slot)
    expect(extended.pass.endsAt.getTime() - pass.endsAt.getTime()).toBe(MINUTE_MS)
    expect(extended.headers).toEqual([['set-cookie', expect.stringContaining(`${COOKIE}=${extended.pass.token};`)]])
    expect((await passWith(gate, extended.pass.token)).endsAt).toEqual(extended.pass.endsAt)
  })

  it('is not extended more often than the sale allows, nor by repeating a number', async () => {
    const gate = createGate()
    const pass = await passWith(gate, await admission())
    const [first, again] = [await gate.extend(pass, 1), await gate.extend(pass, 1)]
    expect(again).toEqual(first)
    expect(await gate.extend(pass, 3)).toEqual({ kind: 'rejected', code: 'extensions-used' })
  })

  it('that the shop made shorter stays so after an extension', async () => {
    const gate = createGate({ maxSeconds: 300 })
    const token = await admission()
    const extended = await gate.extend(await passWith(gate, token), 1)
    expect(extended).toMatchObject({ pass: { endsAt: new Date(clock.ms + 5 * MINUTE_MS) } })
    const iat = clock.ms / SECOND_MS - 301
    expect(await gate.extend(await passWith(gate, await admission({ iat })), 1)).toEqual({
      ...{ kind: 'rejected', code: 'admission-expired' },
    })
  })

  it.each<[string, () => void]>([
    ['does not respond in time', () => (state().isMute = true)],
    ['returns an error', () => (state().status = 503)],
  ])('does not change while the waiting room %s', async (_, breakIt) => {
    const gate = createGate()
    const pass = await passWith(gate, await admission())
    breakIt()
    const abort = new AbortController()
    const pending = gate.extend(pass, 1, { signal: abort.signal })
    if (state().isMute) await eventually(() => expect(called('/extension')).toBe(1))
    abort.abort()
    expect(await pending).toEqual({ kind: 'unavailable' })
  })

  it('is not exchanged for another slot or a forged admission', async () => {
    const [other, pass] = [await room().admission({ jti: 'other' }), await passWith(createGate(), await admission())]
    for (const token of [other, 'garbage', await (await createTestIssuer()).sign()]) {
      const fetch = async (url: string, init: RequestInit) =>
        url.endsWith('/extension') ? Response.json({ admission: token }) : await globalThis.fetch(url, init)
      expect(await createGate({ fetch }).extend(pass, 1)).toEqual({ kind: 'unavailable' })
    }
  })
})

describe('a slot', () => {
  it('is given back once the shop is done, and the pass is no longer valid', async () => {
    const gate = createGate()
    const token = await admission()
    const pass = await passWith(gate, token)
    const finished = await gate.finish(pass)
    expect(finished).toEqual({ kind: 'finished', headers: [['set-cookie', expect.stringMatching(/=; .*Max-Age=0/)]] })
    expect(state().finished).toEqual([pass.slot])
    expect(await decide(gate, token)).toEqual({ kind: 'problem', reason: 'revoked' })
    expect((await gate.finish(pass)).kind).toBe('finished')
  })

  it('is given back with an expired pass, too', async () => {
    const gate = createGate()
    const pass = await passWith(gate, await admission({ iat: 1, exp: 2 }))
    expect((await gate.finish(pass)).kind).toBe('finished')
    expect(state().finished).toEqual([pass.slot])
  })

  it('is given back at the third attempt, after which this call gives up', async () => {
    const gate = createGate()
    const pass = await passWith(gate, await admission())
    state().failingFinishes = 2
    expect((await gate.finish(pass)).kind).toBe('finished')
    state().failingFinishes = 99
    state().requests.length = 0
    expect((await gate.finish(pass)).kind).toBe('unavailable')
    expect(called('/finished')).toBe(3)
  })

  it('of a rejected pass is not retried, and the code is returned', async () => {
    const gate = createGate()
    const pass = await passWith(gate, await admission())
    state().requests.length = 0
    expect(await gate.finish({ ...pass, token: '' })).toMatchObject({ kind: 'rejected', code: 'admission-missing' })
    expect(called('/finished')).toBe(1)
  })

  it('gets no further attempt once its return is aborted', async () => {
    const gate = createGate()
    const pass = await passWith(gate, await admission())
    state().isMute = true
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
    const gate = createGate({ oncePerSlot })
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
    expect(await decide(createGate({ oncePerSlot }), token)).toEqual({ kind: 'problem', reason })
    expect(await decide(createGate({ oncePerSlot, failMode: 'open' }), token)).toEqual({ kind: 'open', reason })
  })
})

describe('a shop of several sales', () => {
  const sale = ({ path }: { path: string }) => /^\/sales\/([^/]+)/.exec(path)?.[1]

  it('has a cookie for each, and is not protected where no sale is named', async () => {
    const gate = createGate({ sale })
    const handover = await room().handover(ORIGIN, { sale: 'one' })
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
    const { decision, response } = await createGate({ sale }).check(request('/sales/%2e%2e;Evil"', { headers: page }))
    expect(decision).toEqual({ kind: 'to-line', reason: 'missing' })
    expect(response?.headers).toContainEqual(['location', expect.stringContaining('/sales/%252e%252e%3BEvil%22?')])
  })
})

describe('decisions', () => {
  it('are counted and reported, with the finding of the verifier', async () => {
    const events: GateEvent[] = []
    const gate = createGate({ onEvent: (event) => events.push(event) })
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
    const gate = createGate({ onEvent, identity: () => 'not a token' })
    expect(await decide(gate)).toEqual({ kind: 'problem', reason: 'missing' })
    expect(gate.metrics()).toContainEqual({ kind: 'identity-failed', count: 1 })
  })

  it('use the page of the shop', async () => {
    const gate = createGate({ page: ({ reason, retryUrl }) => `<p>${reason} ${retryUrl}` })
    const target = '/checkout?a=1&floodgate-refused=1&floodgate=garbage'
    const { response } = await gate.check(request(target, { headers: page }))
    expect([response?.status, response?.body]).toEqual([403, '<p>malformed /checkout?a=1'])
  })

  it('use the valid cookie among several of the name', async () => {
    const gate = createGate()
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
    const gate = createGate({ oncePerSlot: { ...slots, counts: () => true } })
    const token = await admission()
    const { slot } = await passWith(gate, token)
    const headers = { 'floodgate-diagnosis': await room().diagnosis() }
    const { response, decision } = await gate.check(request('/checkout', { cookie: token, headers }))
    expect([decision.kind, response?.status, slots.has(slot)]).toEqual(['diagnosis', 200, false])
    expect(response?.headers.some(([name]) => name === 'set-cookie')).toBe(false)
    const options = await gate.check(request('/checkout', { method: 'OPTIONS', headers }))
    expect(options.decision).toEqual({ kind: 'untouched' })
  })
})
