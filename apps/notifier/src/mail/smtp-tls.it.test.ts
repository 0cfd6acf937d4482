import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runChecks } from '@floodgate/runtime'
import { type Authority, createAuthority, type TemporaryDirectory, temporaryDirectory } from '@floodgate/testkit'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startTlsMailServer, type TlsMailServer } from '../testing/tls-mail-server.ts'
import { mailServerCheck } from './mail-server-check.ts'
import { createMailer } from './smtp.ts'
import type { SmtpSettings } from './smtp-options.ts'

type Speaks = Parameters<typeof startTlsMailServer>[0]
type Issued = Awaited<ReturnType<Authority['issue']>>

let directory: TemporaryDirectory
let authority: Authority
let other: Authority
/** The first is for 127.0.0.1, the second for `mail.example` alone; the third is of the other authority. */
let certificates: { readonly address: Issued; readonly name: Issued; readonly stranger: Issued }
const servers: TlsMailServer[] = []

beforeAll(async () => {
  directory = await temporaryDirectory()
  ;[authority, other] = await Promise.all([createAuthority(directory.path), createAuthority(directory.path, 'other')])
  const [address, name, stranger] = await Promise.all([
    authority.issue('address'),
    authority.issue('name', { hosts: ['mail.example'] }),
    other.issue('stranger'),
  ])
  certificates = { address, name, stranger }
})
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()))
})
afterAll(() => directory.remove())

async function start(speaks: Speaks, options: { certificate?: Issued; clientCaFile?: string } = {}) {
  const { certificate = certificates.address, ...rest } = options
  const server = await startTlsMailServer(speaks, { ...certificate, ...rest })
  servers.push(server)
  return server
}

interface Given extends Partial<Omit<SmtpSettings, 'smtpUrl'>> {
  readonly scheme?: 'smtp' | 'smtps'
  readonly login?: string
}

function settingsOf({ port }: TlsMailServer, { scheme = 'smtp', login = 'user:password@', ...given }: Given) {
  return {
    ...({ smtpUrl: `${scheme}://${login}127.0.0.1:${port}`, smtpTls: 'auto', smtpTimeoutMs: 20_000 } as const),
    ...{ mailFrom: 'Shop <shop@example.org>', smtpConnections: 1 },
    ...given,
  }
}

/** Sends a mail as the notifier does, and tries the connection as `--check` does. */
async function attempt(server: TlsMailServer, given: Given = {}) {
  const settings = settingsOf(server, given)
  const mailer = createMailer(settings)
  const mail = { subject: 'Hello', text: 'Hello', html: '<p>Hello</p>', language: 'en' } as const
  const address = { to: 'buyer@example.org', messageId: '<1@example.org>' }
  const { kind } = await mailer.send({ ...mail, ...address, senderName: undefined }, AbortSignal.timeout(60_000))
  mailer.close()
  const received = server.received.map(({ what, over }) => `${what} over ${over}`)
  const [result] = await runChecks([mailServerCheck(settings)])
  return { sent: kind, received, finding: result?.finding }
}

const SENT_OVER_TLS = { sent: 'sent', received: ['login over TLS', 'mail over TLS'], finding: { kind: 'ok' } }
const refused = (problem: RegExp) => ({
  ...{ sent: 'sender', received: [] },
  finding: { kind: 'failed', problem: expect.stringMatching(problem) },
})
const ca = () => ({ smtpCaFile: authority.certificateFile })

describe('a login and a mail', () => {
  it.each<[Speaks, Given]>([
    ['starttls', {}],
    ['starttls', { smtpTls: 'starttls' }],
    ['implicit', { scheme: 'smtps' }],
    ['implicit', { smtpTls: 'implicit' }],
  ])('go over TLS to a server that speaks %s, with %o', async (speaks, given) => {
    expect(await attempt(await start(speaks), { ...ca(), ...given })).toEqual(SENT_OVER_TLS)
  })

  it.each<Speaks>(['plain', 'starttls'])(
    'go in plain text to a server that speaks %s only when told to',
    async (speaks) => {
      const server = await start(speaks)
      expect(await attempt(server, { smtpTls: 'none' })).toMatchObject({
        ...{ sent: 'sent', received: ['login over plain text', 'mail over plain text'] },
        finding: { kind: 'warning', problem: 'the password is readable on the way' },
      })
    },
  )

  it.each<Given>([{}, { login: '', smtpTls: 'starttls' }])(
    'do not reach a server without STARTTLS otherwise, with %o',
    async (given) => {
      expect(await attempt(await start('plain'), given)).toMatchObject(refused(/rejected STARTTLS/))
    },
  )

  it('wait where one side expects TLS from the start and the other does not', async () => {
    expect(await attempt(await start('plain'), { smtpTls: 'implicit' })).toMatchObject(refused(/does not speak TLS/))
  })
})

describe('a mail without a login', () => {
  it('takes the STARTTLS that is offered, and goes in plain text where none is', async () => {
    const [offers, plain] = await Promise.all([start('starttls'), start('plain')])
    expect(await attempt(offers, { ...ca(), login: '' })).toMatchObject({ sent: 'sent', received: ['mail over TLS'] })
    expect(await attempt(plain, { login: '' })).toMatchObject({ sent: 'sent', received: ['mail over plain text'] })
  })

  it('does not go to a server whose certificate is unknown', async () => {
    expect(await attempt(await start('starttls'), { login: '' })).toMatchObject(refused(/unknown authority/))
  })
})

describe.each<[Speaks & ('starttls' | 'implicit')]>([['starttls'], ['implicit']])('with %s', (mode) => {
  const over = (given: Given) => ({ smtpTls: mode, ...given })

  it('a certificate of an unknown authority is refused', async () => {
    const server = await start(mode)
    expect(await attempt(server, over({}))).toMatchObject(refused(/unknown authority/))
    expect(await attempt(server, over({ smtpCaFile: other.certificateFile }))).toMatchObject(
      refused(/unknown authority/),
    )
  })

  it('a certificate is for the host, or for the name of SMTP_SERVER_NAME instead', async () => {
    const server = await start(mode, { certificate: certificates.name })
    expect(await attempt(server, over(ca()))).toMatchObject(refused(/other host names/))
    const named = (smtpServerName: string) => over({ ...ca(), smtpServerName })
    expect(await attempt(server, named('other.example'))).toMatchObject(refused(/other host names/))
    expect(await attempt(server, named('mail.example'))).toEqual(SENT_OVER_TLS)
  })

  it('a server that requires a client certificate accepts one of its authority, and no other', async () => {
    const server = await start(mode, { clientCaFile: authority.certificateFile })
    const client = ({ certificateFile, keyFile }: Issued) =>
      over({ ...ca(), smtpCertFile: certificateFile, smtpKeyFile: keyFile })
    expect(await attempt(server, over(ca()))).toMatchObject(refused(/client certificate|closed the connection/))
    expect(await attempt(server, client(certificates.stranger))).toMatchObject(
      refused(/client certificate|closed the connection/),
    )
    expect(await attempt(server, client(certificates.name))).toEqual(SENT_OVER_TLS)
  })
})

it('files that cannot be used stop the start, all at once, and are a line of --check', async () => {
  const text = join(directory.path, 'text.pem')
  await writeFile(text, 'no certificate')
  const server = await start('implicit')
  const { certificateFile } = certificates.address
  async function problemsOf(given: Given) {
    const settings = settingsOf(server, { smtpTls: 'implicit', ...given })
    const [result] = await runChecks([mailServerCheck(settings)])
    expect(result?.finding.kind).toBe('failed')
    try {
      createMailer(settings).close()
      return []
    } catch (error) {
      return (error as { problems?: readonly string[] }).problems
    }
  }
  expect(await problemsOf({ smtpCaFile: '/nowhere', smtpCertFile: text, smtpKeyFile: '/' })).toEqual([
    'SMTP_CA_FILE cannot be read (ENOENT).',
    'SMTP_CERT_FILE is no PEM file.',
    'SMTP_KEY_FILE cannot be read (EISDIR).',
  ])
  expect(await problemsOf({ smtpCertFile: certificateFile, smtpKeyFile: certificates.name.keyFile })).toEqual([
    'SMTP_CERT_FILE and SMTP_KEY_FILE are damaged, or do not belong together.',
  ])
})
