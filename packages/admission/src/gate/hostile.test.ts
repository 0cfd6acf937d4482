import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestIssuer, NOW_SECONDS, type TestIssuer } from '../testing/issuer.ts'
import { createGate, type Gate } from './gate.ts'
import { createMemorySlots } from './memory-slots.ts'
import type { GateOptions } from './options.ts'
import { gateRequest } from './request.ts'

const ORIGIN = 'https://shop.example'
const COOKIE = '__Host-floodgate-pass'
const KEYS_URL = 'https://keys.example/jwks.json'
const SECOND_MS = 1_000
const HOUR_MS = 3_600 * SECOND_MS

let issuer: TestIssuer
const clock = { ms: 0 }
/** The waiting room as the gate's calls see it. `isUp` names a part of the URLs that are served. */
const room = { isUp: (_url: string): boolean => true, revoked: [] as string[] }
beforeAll(async () => {
  issuer = await createTestIssuer()
})
beforeEach(() => {
  clock.ms = NOW_SECONDS * SECOND_MS
  Object.assign(room, { isUp: () => true, revoked: [] })
})

const fetch = async (url: string, { signal }: RequestInit): Promise<Response> => {
  if (!room.isUp(url)) throw new Error('refused')
  if (url.endsWith('/jwks.json')) return Response.json(issuer.jwks)
  if (url.endsWith('/revocations')) return Response.json({ revocations: room.revoked.map((slot) => ({ slot })) })
  return await new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
}
const create = (more: Partial<GateOptions> = {}) =>
  createGate({ queueUrl: 'https://queue.example', sale: 'demo', origin: ORIGIN, now: () => clock.ms, fetch, ...more })

const check = (gate: Gate, token?: string, target = '/checkout') => {
  const headers: Record<string, string> = { 'sec-fetch-mode': 'navigate' }
  if (token !== undefined) headers.cookie = `${COOKIE}=${token}`
  return gate.check(gateRequest({ method: 'GET', target, secure: true, header: (name) => headers[name] }))
}
const decisionOf = async (...asked: Parameters<typeof check>) => (await check(...asked)).decision
const signLong = (claims = {}) => issuer.sign({ exp: NOW_SECONDS + 86_400, ...claims })
const handOver = async (token: string, claims = {}) =>
  `/checkout?floodgate=${token}.${await issuer.sign({ aud: ORIGIN, ...claims }, { typ: 'handover+jwt' })}`
/** Lets work go on that no request awaits. */
const settle = () => new Promise((resolve) => setImmediate(resolve))

describe('a clock that is set back', () => {
  it('does not keep the gate from fetching keys after a failure', async () => {
    clock.ms += 2 * HOUR_MS
    room.isUp = () => false
    const gate = create()
    const token = await signLong()
    expect(await decisionOf(gate, token)).toEqual({ kind: 'page', reason: 'keys-unavailable' })
    room.isUp = () => true
    clock.ms -= 2 * HOUR_MS
    for (const _ of ['goes on', 'fetches']) {
      await decisionOf(gate, token)
      clock.ms += SECOND_MS
      await settle()
    }
    expect(await decisionOf(gate, token)).toEqual({ kind: 'admitted' })
  })

  it('does not keep it from finding another key', async () => {
    const gate = create()
    expect(await decisionOf(gate, await signLong())).toEqual({ kind: 'admitted' })
    issuer = await createTestIssuer('key-2')
    clock.ms -= HOUR_MS
    const token = await signLong()
    await decisionOf(gate, token)
    clock.ms += 10 * SECOND_MS
    expect(await decisionOf(gate, token)).toEqual({ kind: 'admitted' })
  })

  it('does not keep it from reading revocations', async () => {
    const gate = create({ revocations: true, jwks: issuer.jwks })
    const token = await signLong()
    expect(await decisionOf(gate, token)).toEqual({ kind: 'admitted' })
    room.revoked = ['slot-1']
    clock.ms -= HOUR_MS
    await decisionOf(gate, token)
    clock.ms += 2 * SECOND_MS
    expect(await decisionOf(gate, token)).toEqual({ kind: 'to-line', reason: 'revoked' })
  })

  it('does not keep an open gate from asking whether the waiting room is back', async () => {
    const gate = create({ failMode: 'open', jwks: issuer.jwks })
    room.isUp = () => false
    expect(await decisionOf(gate)).toEqual({ kind: 'open', reason: 'waiting-room-unavailable' })
    room.isUp = () => true
    clock.ms -= HOUR_MS
    await decisionOf(gate)
    clock.ms += 5 * SECOND_MS
    expect(await decisionOf(gate)).toEqual({ kind: 'to-line', reason: 'missing' })
  })
})

describe('an open gate', () => {
  it('is not opened by buyers who abort their requests', async () => {
    const gate = create({ failMode: 'open' })
    const token = await signLong()
    const verdict = await gate.passOf(
      gateRequest({
        ...{ method: 'POST', target: '/', secure: true },
        header: (name) => (name === 'cookie' ? `${COOKIE}=${token}` : undefined),
      }),
    )
    if (verdict.kind !== 'valid') throw new Error(verdict.reason)
    for (const _ of ['first', 'second', 'third']) {
      const abort = new AbortController()
      const extended = gate.extend(verdict.pass, 1, { signal: abort.signal })
      await settle()
      abort.abort()
      expect(await extended).toEqual({ kind: 'unavailable' })
    }
    expect(await decisionOf(gate)).toEqual({ kind: 'to-line', reason: 'missing' })
  })

  it('asks the waiting room itself, wherever its keys are', async () => {
    const gate = create({ failMode: 'open', jwksUrl: KEYS_URL })
    room.isUp = (url) => url === KEYS_URL
    await decisionOf(gate, await signLong())
    clock.ms += 5 * SECOND_MS
    expect(await decisionOf(gate)).toEqual({ kind: 'open', reason: 'waiting-room-unavailable' })
    room.isUp = (url) => url !== KEYS_URL
    const other = create({ failMode: 'open', jwksUrl: KEYS_URL })
    await decisionOf(other, await signLong())
    expect(await decisionOf(other)).toEqual({ kind: 'to-line', reason: 'missing' })
  })
})

it('a garbage cookie does not clear the genuine one beside it while no key can be read', async () => {
  room.isUp = () => false
  const result = await check(create(), `garbage; ${COOKIE}=${await signLong()}; ${COOKIE}=more`)
  expect(result.decision).toEqual({ kind: 'page', reason: 'keys-unavailable' })
  expect(result.response?.headers.some(([name]) => name === 'set-cookie')).toBe(false)
})

describe('an old handover', () => {
  const clean = { kind: 'to-clean', store: false, check: false }

  it('does not shorten a turn that was extended since', async () => {
    const gate = create({ jwks: issuer.jwks })
    const short = await issuer.sign()
    const result = await check(gate, await signLong(), await handOver(short))
    expect(result.decision).toEqual(clean)
    expect(result.response?.headers.some(([name]) => name === 'set-cookie')).toBe(false)
    expect(await decisionOf(gate, short, await handOver(await signLong()))).toEqual({ ...clean, store: true })
  })

  it('does not replace the pass of a later turn', async () => {
    const gate = create({ jwks: issuer.jwks })
    const later = { jti: 'slot-2', sub: 'buyer-2', iat: NOW_SECONDS - 5 }
    const [own, other] = [await issuer.sign(later), await signLong()]
    expect(await decisionOf(gate, own, await handOver(other))).toEqual(clean)
    expect(await decisionOf(gate, other, await handOver(own, later))).toEqual({ ...clean, store: true })
  })

  it('replaces a pass that has ended', async () => {
    const gate = create({ jwks: issuer.jwks })
    const ended = await issuer.sign({ jti: 'slot-2', iat: NOW_SECONDS - 5, exp: NOW_SECONDS })
    expect(await decisionOf(gate, ended, await handOver(await signLong()))).toEqual({ ...clean, store: true })
  })
})

it('a diagnosis does not show the ID token of the buyer', async () => {
  const token = await issuer.sign({ sub: undefined }, { typ: 'diagnosis+jwt' })
  const gate = create({ jwks: issuer.jwks, identity: () => 'a.secret.b' })
  const headers: Record<string, string> = { 'floodgate-diagnosis': token, 'sec-fetch-mode': 'navigate' }
  const { decision, response } = await gate.check(
    gateRequest({ method: 'GET', target: '/checkout', secure: true, header: (name) => headers[name] }),
  )
  expect([decision.kind, JSON.parse(response?.body ?? '').lineUrl]).toEqual([
    'diagnosis',
    'https://queue.example/sales/demo?return=https%3A%2F%2Fshop.example%2Fcheckout',
  ])
  expect(response?.body).not.toContain('secret')
})

it('a slot stays used for as long as its turn can be extended, and its end tolerated', async () => {
  const ends = new Map<string, number>()
  const use = (slot: string, until: Date) => {
    if ((ends.get(slot) ?? 0) > clock.ms) return false
    ends.set(slot, until.getTime())
    return true
  }
  const oncePerSlot = { use, counts: () => true }
  const gate = create({ jwks: issuer.jwks, oncePerSlot, clockToleranceSeconds: 300 })
  const [token, extended] = [await issuer.sign(), await signLong({ exp: NOW_SECONDS + 86_390 })]
  expect(await decisionOf(gate, token)).toEqual({ kind: 'admitted' })
  clock.ms += 100 * SECOND_MS
  expect(await decisionOf(gate, token)).toEqual({ kind: 'page', reason: 'used' })
  clock.ms = (NOW_SECONDS + 86_390 + 299) * SECOND_MS
  expect(await decisionOf(gate, extended)).toEqual({ kind: 'page', reason: 'used' })
})

it('a request that is redirected to its clean URL takes no slot', async () => {
  const slots = createMemorySlots()
  const gate = create({ jwks: issuer.jwks, oncePerSlot: { ...slots, counts: () => true } })
  const token = await issuer.sign()
  expect(await decisionOf(gate, token, '/orders?floodgate-refused=1')).toMatchObject({ kind: 'to-clean' })
  expect(slots.has('slot-1')).toBe(false)
  expect(await decisionOf(gate, token, '/orders')).toEqual({ kind: 'admitted' })
  expect(await decisionOf(gate, token, '/orders')).toEqual({ kind: 'page', reason: 'used' })
})
