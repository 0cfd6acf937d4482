import { expect, it } from 'vitest'
import { createGate } from './gate.ts'
import { type GateOptions, GateOptionsError } from './options.ts'

const GOOD: GateOptions = { queueUrl: 'https://queue.example', sale: 'demo' }

const problemsOf = (options: unknown): readonly string[] => {
  try {
    createGate(options as GateOptions)
    return []
  } catch (error) {
    if (error instanceof GateOptionsError) return error.problems
    throw error
  }
}

it.each<[string, Partial<GateOptions>]>([
  ['few', {}],
  ['a trailing slash', { queueUrl: 'http://127.0.0.1:7100/' }],
  ['undefined for what is not set', { protect: undefined, cookie: undefined } as object],
  [
    'all',
    {
      ...{
        sale: () => 'demo',
        jwksUrl: 'https://keys.example/jwks.json',
        staleKeysSeconds: 1,
        issuer: 'a',
        audience: 'b',
      },
      ...{
        cookie: { name: '__Secure-x', partitioned: true, insecure: true },
        clockToleranceSeconds: 5,
        maxSeconds: 60,
      },
      ...{ protect: () => true, failMode: 'open', revocations: true, oncePerSlot: { use: () => true } },
      ...{ origin: 'https://shop.example', identity: () => undefined, page: () => '', onEvent: () => undefined },
      ...{ now: Date.now, fetch },
    },
  ],
])('a gate is created of %s', (_, more) => {
  expect(problemsOf({ ...GOOD, ...more })).toEqual([])
})

it.each<[string, object]>([
  ['queueUrl', { queueUrl: 'https://queue.example/line' }],
  ['queueUrl', { queueUrl: 'https://queue.example/?a' }],
  ['queueUrl', { queueUrl: 'https://user@queue.example' }],
  ['queueUrl', { queueUrl: 'queue.example' }],
  ['queueUrl', { queueUrl: 'ftp://queue.example' }],
  ['queueUrl', { queueUrl: undefined }],
  ['sale', { sale: '' }],
  ['sale', { sale: 'Demo' }],
  ['sale', { sale: 7 }],
  ['jwks', { jwks: {} }],
  ['jwks', { jwks: { keys: [] } }],
  ['jwks', { jwks: { keys: 'abc' } }],
  ['jwks', { jwks: { keys: ['abc'] } }],
  ['jwks', { jwks: null }],
  ['jwks', { jwks: { keys: [{ kty: 'OKP' }] }, jwksUrl: 'https://keys.example' }],
  ['jwksUrl', { jwksUrl: '/jwks.json' }],
  ['staleKeysSeconds', { staleKeysSeconds: 0 }],
  ['staleKeysSeconds', { staleKeysSeconds: -1 }],
  ['staleKeysSeconds', { staleKeysSeconds: Number.NaN }],
  ['staleKeysSeconds', { staleKeysSeconds: '60' }],
  ['issuer', { issuer: '' }],
  ['audience', { audience: ['a'] }],
  ['cookie', { cookie: '__Host-x' }],
  ['cookie', { cookie: null }],
  ['cookie.name', { cookie: { name: 'a b' } }],
  ['cookie.sameSite', { cookie: { sameSite: 'Lax' } }],
  ['clockToleranceSeconds', { clockToleranceSeconds: 301 }],
  ['maxSeconds', { maxSeconds: 0 }],
  ['protect', { protect: '/checkout' }],
  ['failMode', { failMode: 'ajar' }],
  ['revocations', { revocations: 'yes' }],
  ['oncePerSlot', { oncePerSlot: true }],
  ['oncePerSlot', { oncePerSlot: null }],
  ['origin', { origin: 'https://shop.example/checkout' }],
  ['origin', { origin: 'https://shop.example?' }],
  ['origin', { origin: ['https://shop.example'] }],
  ['origin', { origin: 'https://shop.example', trustProxy: true }],
  ['trustProxy', { trustProxy: 1 }],
  ['failmode', { failmode: 'open' }],
  ['toString', { toString: () => '' }],
])('a wrong %s is rejected by its name: %j', (name, more) => {
  expect(problemsOf({ ...GOOD, ...more })).toEqual([expect.stringMatching(`^${name.replace('.', '\\.')} `)])
})

it('every invalid option is named at once', () => {
  const problems = problemsOf({ queueUrl: 'x', failMode: 'x', cookie: { name: '' }, colour: 'red' })
  expect(problems.map((problem) => problem.split(' ')[0]).toSorted()).toEqual(
    ['colour', 'cookie.name', 'failMode', 'queueUrl', 'sale'].toSorted(),
  )
  expect(new GateOptionsError(problems).message).toContain('- colour is not an option')
})

it.each([undefined, null, 'https://queue.example'])('options that are none (%j) are rejected', (options) => {
  expect(problemsOf(options)).toEqual(['queueUrl is required', 'sale is required'])
})
