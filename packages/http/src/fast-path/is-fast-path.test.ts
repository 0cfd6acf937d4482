import { expect, it } from 'vitest'
import { BODY_BYTES_MAX } from '../requests/json-body.ts'
import { isFastPath, type RequestHead } from './is-fast-path.ts'

/** Builds headers as Node's parser does, which keeps the first of repeated ones. */
const headOf = (...sent: readonly (readonly [name: string, value: string])[]): RequestHead => {
  const headers: Record<string, string> = {}
  for (const [name, value] of sent) headers[name.toLowerCase()] ??= value
  return { headers, rawHeaders: sent.flat() }
}
const host = ['Host', 'localhost:7200'] as const
const type = ['Content-Type', 'application/json'] as const
const length = ['Content-Length', '2'] as const
const bearer = ['Authorization', 'Bearer a'] as const

it.each([
  ['no body', [host], true],
  ['an empty body', [host, ['Content-Length', '0']], true],
  ['one bearer', [host, bearer], true],
  ['a body', [host, length], false],
  ['a body of unknown length', [host, ['Transfer-Encoding', 'chunked']], false],
  ['two bearers', [host, bearer, ['authorization', 'Bearer b']], false],
  ['no host', [], false],
  ['an unusual host', [['Host', 'EXAMPLE.org']], false],
  ['a host and more', [['Host', 'localhost/sales']], false],
] as const)('without a body: %s', (_, sent, ordinary) => {
  expect(isFastPath(headOf(...sent), { values: ['demo'], body: undefined })).toBe(ordinary)
})

it.each([
  ['a small body', [host, type, length], true],
  ['one bearer', [host, type, length, bearer], true],
  ['the longest body', [host, type, ['Content-Length', String(BODY_BYTES_MAX)]], true],
  ['a longer body', [host, type, ['Content-Length', String(BODY_BYTES_MAX + 1)]], false],
  ['an empty body', [host, type, ['Content-Length', '0']], false],
  ['no length', [host, type], false],
  ['a body of unknown length', [host, type, length, ['Transfer-Encoding', 'chunked']], false],
  ['a body announced with Expect', [host, type, length, ['Expect', '100-continue']], false],
  ['no type', [host, length], false],
  ['another type', [host, length, ['Content-Type', 'text/plain']], false],
  ['a type with a parameter', [host, length, ['Content-Type', 'application/json; charset=utf-8']], false],
  ['two types', [host, type, length, type], false],
  ['two lengths', [host, type, length, length], false],
  ['two hosts', [host, host, type, length], false],
  ['two bearers', [host, type, length, bearer, bearer], false],
  ['an unusual host', [['Host', '[::1]'], type, length], false],
] as const)('with JSON: %s', (_, sent, ordinary) => {
  expect(isFastPath(headOf(...sent), { values: [], body: 'json' })).toBe(ordinary)
})

it.each([
  [['demo-1'], true],
  [['0af76519-16cd-43dd-8448-eb211c80319c'], true],
  [['%64emo'], false],
  [['a/b'], false],
  [['demo;x'], false],
  [['.'], false],
  [['..'], false],
  [['...'], true],
  [['demo', 'spring'], true],
  [['demo', '%73pring'], false],
  [['%64emo', 'spring'], false],
  [['demo', '..'], false],
])('with the values %j', (values, ordinary) => {
  expect(isFastPath(headOf(host), { values, body: undefined })).toBe(ordinary)
})
