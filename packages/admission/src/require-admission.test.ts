import { problemBody, problemKinds } from '@floodgate/contracts'
import { Hono } from 'hono'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Admission } from './admission.ts'
import { AdmissionKeysUnavailable } from './keys.ts'
import { requireAdmission } from './require-admission.ts'
import { createTestIssuer, NOW_SECONDS, type TestIssuer } from './testing/issuer.ts'
import { type AdmissionVerifier, createAdmissionVerifier } from './verifier.ts'

const now = () => NOW_SECONDS * 1_000
let issuer: TestIssuer
let verifier: AdmissionVerifier
beforeAll(async () => {
  issuer = await createTestIssuer()
  verifier = createAdmissionVerifier({ jwks: issuer.jwks, issuer: 'floodgate', audience: 'order-core', now })
})

const shop = (rules: { sale?: string; acceptExpiredForSeconds?: number } = {}, judge = verifier) => {
  const app = new Hono<{ Variables: { admission: Admission } }>()
  app.use(requireAdmission(judge, { ...rules, now }))
  return app.get('/', (c) => c.json(c.get('admission')))
}
const ask = async (app: ReturnType<typeof shop>, token?: string, headers: Record<string, string> = {}) =>
  app.request('/', { headers: { ...headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) } })

const expectProblem = async (response: Response, code: keyof typeof problemKinds) => {
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  const body = problemBody.parse(await response.json())
  const { status, title, retryable } = problemKinds[code]
  expect(body).toMatchObject({ code, type: `urn:floodgate:problem:${code}`, status, title, retryable })
  expect(response.status).toBe(status)
  return body
}

describe('a route behind the waiting room', () => {
  it('identifies the buyer', async () => {
    const response = await ask(shop({ sale: 'demo' }), await issuer.sign())
    expect(await response.json()).toMatchObject({ buyer: 'buyer-1', slot: 'slot-1' })
  })

  it('requires an admission', async () => {
    const response = await ask(shop())
    expect(response.headers.get('www-authenticate')).toBe('Bearer')
    await expectProblem(response, 'admission-missing')
  })

  it('rejects an unsigned token', async () => {
    await expectProblem(await ask(shop(), issuer.unsigned()), 'admission-invalid')
  })

  it("rejects another sale's admission", async () => {
    await expectProblem(await ask(shop({ sale: 'other' }), await issuer.sign()), 'admission-invalid')
  })

  it('rejects an expired admission, unless late ones are accepted', async () => {
    const token = await issuer.sign({ exp: NOW_SECONDS - 100 })
    await expectProblem(await ask(shop(), token), 'admission-expired')
    await expectProblem(await ask(shop({ acceptExpiredForSeconds: 99 }), token), 'admission-expired')
    expect((await ask(shop({ acceptExpiredForSeconds: 100 }), token)).status).toBe(200)
  })

  it('is unavailable, not unauthorized, while the keys cannot be fetched', async () => {
    const down = { verify: () => Promise.reject(new AdmissionKeysUnavailable(new Error('refused'))) }
    const response = await ask(shop({}, down), await issuer.sign())
    expect(response.headers.get('retry-after')).toBe('2')
    await expectProblem(response, 'unavailable')
  })

  it('names the trace it belongs to', async () => {
    const traceId = '0af7651916cd43dd8448eb211c80319c'
    const traced = await ask(shop(), undefined, { traceparent: `00-${traceId}-b7ad6b7169203331-01` })
    expect((await expectProblem(traced, 'admission-missing')).traceId).toBe(traceId)
    expect((await expectProblem(await ask(shop()), 'admission-missing')).traceId).toMatch(/^[0-9a-f]{32}$/)
  })
})
