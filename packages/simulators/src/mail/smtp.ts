import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server'
import type { BehaviourSwitch } from '../behaviour.ts'
import type { Inbox } from './inbox.ts'

/** `fail`: "try again later" (451). `reject`: "never" (550). `slow`: takes it after `delayMs`. */
export const mailModes = ['ok', 'fail', 'reject', 'slow'] as const
export type MailMode = (typeof mailModes)[number]

const messageBytesMax = 1024 * 1024

const smtpError = (code: number, message: string) => Object.assign(new Error(message), { responseCode: code })

const readAll = async (stream: SMTPServerDataStream): Promise<Buffer> => {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  if (stream.sizeExceeded) throw smtpError(552, 'The message is too large')
  return Buffer.concat(chunks)
}

const receive = async (options: {
  stream: SMTPServerDataStream
  session: SMTPServerSession
  inbox: Inbox
  behaviour: BehaviourSwitch<MailMode>
  stopped: AbortSignal
}) => {
  const raw = await readAll(options.stream)
  const { mode, delayMs } = options.behaviour.draw()
  if (delayMs > 0) await delay(delayMs, undefined, { signal: options.stopped })
  if (mode === 'fail') throw smtpError(451, 'The mail catcher fails, as it was told to')
  if (mode === 'reject') throw smtpError(550, 'The mail catcher rejects, as it was told to')
  options.inbox.add(
    raw,
    options.session.envelope.rcptTo.map((recipient) => recipient.address),
  )
}

/** Starts the SMTP half. Rejects when the port is taken. */
export const startSmtp = async (options: {
  host: string
  port: number
  inbox: Inbox
  behaviour: BehaviourSwitch<MailMode>
}): Promise<{ port: number; close: () => Promise<void> }> => {
  const stopped = new AbortController()
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    size: messageBytesMax,
    closeTimeout: 1_000,
    banner: 'Floodgate mail catcher',
    onData: (stream, session, done) => {
      receive({ ...options, stream, session, stopped: stopped.signal }).then(
        () => done(),
        (error: unknown) => done(error instanceof Error ? error : new Error(String(error))),
      )
    },
  })
  const listening = Promise.withResolvers<void>()
  // A client that hangs up in mid-message is an everyday thing here; after the start nothing waits for this promise.
  server.on('error', listening.reject)
  server.listen(options.port, options.host, () => listening.resolve())
  await listening.promise
  return {
    port: (server.server.address() as AddressInfo).port,
    close: async () => {
      stopped.abort()
      const closed = Promise.withResolvers<void>()
      server.close(() => closed.resolve())
      await closed.promise
    },
  }
}
