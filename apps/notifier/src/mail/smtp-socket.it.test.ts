import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'
import { afterEach, expect, it } from 'vitest'
import { createMailer } from './smtp.ts'

const NAME = 'mail.example'
const cleanups: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** Starts a mail server that counts its mails, on a free port by default. */
async function startMailServer(host: string, port = 0) {
  let mails = 0
  const server = new SMTPServer({
    ...{ disabledCommands: ['STARTTLS'], authOptional: true, disableReverseLookup: true, closeTimeout: 100 },
    onData(stream, _session, done) {
      mails += 1
      stream.on('end', done).resume()
    },
  })
  server.on('error', () => undefined)
  const listening = Promise.withResolvers<void>()
  server.listen(port, host, listening.resolve)
  await listening.promise
  async function stop(): Promise<void> {
    const closed = Promise.withResolvers<void>()
    server.close(closed.resolve)
    await closed.promise
  }
  cleanups.push(stop)
  return { port: (server.server.address() as AddressInfo).port, mails: () => mails, stop }
}

function startMailer(port: number, address: () => string) {
  const settings = { smtpUrl: `smtp://${NAME}:${port}`, smtpTls: 'none', smtpTimeoutMs: 20_000 } as const
  const mailer = createMailer(
    { ...settings, mailFrom: 'shop@example.org', smtpConnections: 1 },
    { lookup: (_host, _options, done) => done(null, [{ address: address(), family: 4 }]) },
  )
  cleanups.push(() => mailer.close())
  const mail = { subject: 'Hello', text: 'Hello', html: '<p>Hello</p>', language: 'en', senderName: undefined } as const
  function send() {
    return mailer.send({ ...mail, to: 'buyer@example.org', messageId: '<1@example.org>' }, AbortSignal.timeout(60_000))
  }
  return send
}

it('a mail server that has moved to another address gets the next mail', async () => {
  const first = await startMailServer('127.0.0.1')
  let address = '127.0.0.1'
  const send = startMailer(first.port, () => address)
  expect(await send()).toEqual({ kind: 'sent' })
  await first.stop()
  const second = await startMailServer('127.0.0.2', first.port)
  address = '127.0.0.2'
  await expect.poll(send).toEqual({ kind: 'sent' })
  expect([first.mails(), second.mails()]).toEqual([1, 1])
})

it('a mail server that cannot be reached is a failure of the connection', async () => {
  const server = await startMailServer('127.0.0.1')
  await server.stop()
  const result = await startMailer(server.port, () => '127.0.0.1')()
  expect(result).toMatchObject({ kind: 'sender', cause: 'connection', detail: expect.stringContaining('ECONNREFUSED') })
})
