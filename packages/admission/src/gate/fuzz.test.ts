import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { createTestIssuer, NOW_SECONDS, type TestIssuer } from '../testing/issuer.ts'
import { createGate, type Gate } from './gate.ts'
import { gateRequest } from './request.ts'

const ORIGIN = 'https://shop.example'
const COOKIE = '__Host-floodgate-pass'

let issuer: TestIssuer
let gate: Gate
let genuine: string
let handover: string
beforeAll(async () => {
  issuer = await createTestIssuer()
  gate = createGate({
    ...{ queueUrl: 'https://queue.example', sale: 'demo', jwks: issuer.jwks, origin: ORIGIN },
    now: () => NOW_SECONDS * 1_000,
    fetch: () => Promise.reject(new Error('there is no network')),
  })
  genuine = await issuer.sign()
  handover = await issuer.sign({ aud: ORIGIN }, { typ: 'handover+jwt' })
})

const check = async (target: string, headers: Readonly<Record<string, string>>, method = 'GET') => {
  const header = (name: string) => headers[name]
  const result = await gate.check(gateRequest({ method, target, secure: true, header }))
  // Throws for whatever must not stand in a header.
  for (const [name, value] of [...result.headers, ...(result.response?.headers ?? [])])
    new Headers().append(name, value)
  return result
}

const NAVIGATION = { 'sec-fetch-mode': 'navigate' }
/** Up to 8 KB of anything that HTTP can carry in a header or a target. */
const garbage = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 200 }),
  fc.stringMatching(/^[\x21-\x7e]{0,300}$/),
  fc.stringMatching(/^[A-Za-z0-9_.-]{0,300}$/),
  fc.base64String({ maxLength: 8_192 }),
  fc.integer({ min: 1, max: 8_192 }).map((length) => '.'.repeat(length)),
  fc.json().map((json) => `${Buffer.from(json).toString('base64url')}.${Buffer.from(json).toString('base64url')}.AAAA`),
)
/** A text with one part replaced by garbage. */
const damaged = (text: () => string) =>
  fc.tuple(fc.nat(), fc.nat({ max: 40 }), garbage).map(([at, length, more]) => {
    const start = at % text().length
    return text().slice(0, start) + more + text().slice(start + length)
  })

describe('any input', () => {
  it('as a cookie gets a decision, and admits no buyer', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          garbage,
          damaged(() => genuine),
        ),
        async (value) => {
          fc.pre(value.trim() !== genuine && !value.includes(`${genuine};`))
          const { decision } = await check('/checkout', { ...NAVIGATION, cookie: `a=1; ${COOKIE}=${value}` })
          expect(decision.kind).toBe('to-line')
        },
      ),
      { numRuns: 500 },
    )
  })

  it('as the way back gets a decision, and stores nothing', async () => {
    const both = () => `${genuine}.${handover}`
    await fc.assert(
      fc.asyncProperty(fc.oneof(garbage, damaged(both)), async (value) => {
        fc.pre(value !== both() && !value.startsWith(`${both()}&`) && !value.startsWith(`${both()}#`))
        const { decision } = await check(`/checkout?floodgate=${value}`, { ...NAVIGATION, cookie: 'a=1' })
        expect(decision).not.toMatchObject({ store: true })
        expect(['to-line', 'to-clean', 'page']).toContain(decision.kind)
      }),
      { numRuns: 500 },
    )
  })

  it('as a target, header or method gets a response other than 500', async () => {
    const names = ['host', 'cookie', 'referer', 'accept', 'sec-fetch-mode', 'floodgate-diagnosis', 'traceparent']
    const headers = fc.dictionary(fc.constantFrom(...names), garbage)
    const method = fc.constantFrom('GET', 'POST', 'PUT', 'HEAD', 'BREW')
    await fc.assert(
      fc.asyncProperty(garbage, headers, method, async (target, sent, verb) => {
        const { response } = await check(target, sent, verb)
        expect([undefined, 303, 401, 403]).toContain(response?.status)
      }),
      { numRuns: 500 },
    )
  })

  it('in the query is returned byte for byte', async () => {
    await fc.assert(
      fc.asyncProperty(fc.stringMatching(/^[\x21\x22\x24-\x7e]{0,200}$/), async (query) => {
        fc.pre(!query.includes('floodgate'))
        const { response } = await check(`/checkout?${query}`, NAVIGATION)
        const location = new Map(response?.headers).get('location') ?? ''
        expect(new URL(location).searchParams.get('return')).toBe(`${ORIGIN}/checkout?${query}`)
      }),
      { numRuns: 300 },
    )
  })
})
