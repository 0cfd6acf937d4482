import { rootCertificates } from 'node:tls'
import { expect, it } from 'vitest'
import { hasSoundCertificates } from './certificates.ts'

const [first = '', second = ''] = rootCertificates
const damaged = first.replace(/[a-z]/, '')

it('authorities are one certificate or several, with any text between them', () => {
  expect(hasSoundCertificates(first)).toBe(true)
  expect(hasSoundCertificates(`# one\r\n${first.replaceAll('\n', '\r\n')}\r\n# two\r\n${second}`)).toBe(true)
})

it.each([
  ['no text', ''],
  ['a text without certificates', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----'],
  ['a damaged certificate', damaged],
  ['a damaged one after a sound one', `${first}\n${damaged}`],
  ['a certificate without its end', first.slice(0, 200)],
  ['one without its end after a sound one', `${first}\n${second.slice(0, 200)}`],
])('%s is none', (_, pem) => {
  expect(hasSoundCertificates(pem)).toBe(false)
})
