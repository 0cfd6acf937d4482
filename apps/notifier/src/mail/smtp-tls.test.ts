import { loadConfig } from '@floodgate/runtime'
import { expect, it } from 'vitest'
import { definition } from '../config.ts'
import { type SmtpTlsSettings, smtpContradictions, smtpTlsModeOf } from './smtp-tls.ts'

const given = { smtpUrl: 'smtp://mail.example', smtpTls: 'auto' } as const
const LOGIN = 'smtp://user:password@mail.example:587'

it.each<[string, Partial<SmtpTlsSettings>, string]>([
  ['smtp:// alone', {}, 'offered'],
  ['a login', { smtpUrl: LOGIN }, 'starttls'],
  ['a user alone', { smtpUrl: 'smtp://user@mail.example' }, 'starttls'],
  ['an authority', { smtpCaFile: 'ca.pem' }, 'starttls'],
  ['a client certificate', { smtpCertFile: 'cert.pem', smtpKeyFile: 'key.pem' }, 'starttls'],
  ['a server name', { smtpServerName: 'mail.example' }, 'starttls'],
  ['smtps://', { smtpUrl: 'smtps://mail.example' }, 'implicit'],
  ['SMTPS:// with a login', { smtpUrl: 'SMTPS://user:password@mail.example' }, 'implicit'],
  ['smtp:// and implicit', { smtpTls: 'implicit' }, 'implicit'],
  ['none and a login', { smtpUrl: LOGIN, smtpTls: 'none' }, 'none'],
  ['starttls', { smtpTls: 'starttls' }, 'starttls'],
])('%s is accepted, and means the mode that protects it', (_, changes, mode) => {
  expect(smtpContradictions({ ...given, ...changes })).toEqual([])
  expect(smtpTlsModeOf({ ...given, ...changes })).toBe(mode)
})

it.each<[string, Partial<SmtpTlsSettings>, readonly string[]]>([
  ['smtps:// without TLS', { smtpUrl: 'smtps://a', smtpTls: 'none' }, ['SMTP_TLS is none, and SMTP_URL']],
  ['smtps:// with STARTTLS', { smtpUrl: 'smtps://a', smtpTls: 'starttls' }, ['SMTP_TLS is starttls, and SMTP_URL']],
  ['a certificate without its key', { smtpCertFile: 'c' }, ['SMTP_CERT_FILE and SMTP_KEY_FILE belong together']],
  ['a key without its certificate', { smtpKeyFile: 'k' }, ['SMTP_CERT_FILE and SMTP_KEY_FILE belong together']],
  ['an address as the server name', { smtpServerName: '10.0.0.7' }, ['SMTP_SERVER_NAME must be a host name']],
  ['a port in the server name', { smtpServerName: 'mail.example:465' }, ['SMTP_SERVER_NAME must be a host name']],
  ['a URL with parameters', { smtpUrl: `${LOGIN}?ignoreTLS=true` }, ['SMTP_URL has parameters']],
  [
    'files and a name without TLS',
    { smtpTls: 'none', smtpCaFile: 'ca', smtpServerName: 'a' },
    ['SMTP_CA_FILE has no effect', 'SMTP_SERVER_NAME has no effect'],
  ],
])('%s is refused, without the password', (_, changes, problems) => {
  const found = smtpContradictions({ ...given, ...changes })
  expect(found).toEqual(problems.map((problem) => expect.stringContaining(problem)))
  expect(found.join()).not.toContain('password@')
})

it('an installation with contradictory settings does not start, and sees all of them at once', () => {
  const env = {
    ...{ DATABASE_URL: 'postgres://127.0.0.1:1/none', REDIS_URL: 'redis://127.0.0.1:1' },
    ...{ ADMIN_TOKEN: 'operator-token-of-a-test', EMAIL_KEY: Buffer.alloc(32).toString('base64url') },
    WAITING_ROOM_URL: 'https://queue.example',
  }
  expect(loadConfig(definition, { argv: [], env })).toMatchObject({ kind: 'config' })
  const wrong = { SMTP_URL: 'smtps://mail.example', SMTP_TLS: 'none', SMTP_CERT_FILE: 'c', SMTP_SERVER_NAME: '::1' }
  const loaded = loadConfig(definition, { argv: [], env: { ...env, ...wrong } })
  expect(loaded.kind === 'invalid' && loaded.problems).toHaveLength(5)
})
