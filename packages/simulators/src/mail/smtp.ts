import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { domainToASCII } from 'node:url'
import { SMTPServer, type SMTPServerDataStream } from 'smtp-server'
import type { BehaviourSwitch } from '../behaviour.ts'
import type { Inbox } from './inbox.ts'

/**
 * `fail`: 451 to the message. `reject`: 550 to the message. `slow`: accepts it after `delayMs`. `refuse`: the reply
 * `code` at step `at`. `mute`: no reply at step `at`, nor to anything after it.
 */
export const mailModes = ['ok', 'fail', 'reject', 'slow', 'refuse', 'mute'] as const
export type MailMode = (typeof mailModes)[number]

/** The steps of a session (RFC 5321 §3): greeting, AUTH, MAIL FROM, RCPT TO, the message. */
export const mailSteps = ['connect', 'auth', 'sender', 'recipient', 'data'] as const
export type MailStep = (typeof mailSteps)[number]

export interface MailFault {
  readonly at: MailStep
  readonly code: number
  /** Applies to recipients of this domain only; at `recipient` and `data`. */
  readonly domain?: string | undefined
}
export type MailBehaviour = BehaviourSwitch<MailMode, MailFault>

const MESSAGE_BYTES_MAX = 1024 * 1024
const CLOSE_MS_MAX = 1_000

type Verdict = { readonly kind: 'ok' | 'mute' } | { readonly kind: 'refused'; readonly code: number }

/** Returns the effect of the current behaviour at a step, for the recipients known by then. */
function effectAt(
  step: MailStep,
  drawn: { readonly mode: MailMode; readonly detail?: MailFault | undefined },
  recipients: readonly string[],
): Verdict {
  const { mode, detail } = drawn
  if (step === 'data' && mode === 'fail') return { kind: 'refused', code: 451 }
  if (step === 'data' && mode === 'reject') return { kind: 'refused', code: 550 }
  if (detail === undefined || detail.at !== step || (mode !== 'refuse' && mode !== 'mute')) return { kind: 'ok' }
  const { domain } = detail
  if (domain !== undefined && !recipients.some((recipient) => recipient.endsWith(`@${domain}`))) return { kind: 'ok' }
  return mode === 'mute' ? { kind: 'mute' } : { kind: 'refused', code: detail.code }
}

function smtpError(code: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode: code })
}

async function readAll(stream: SMTPServerDataStream): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  if (stream.sizeExceeded) throw smtpError(552, 'The message is too large')
  return Buffer.concat(chunks)
}

/** Restores the address as sent: the library shows international domains in Unicode. */
function onTheWire(address: string): string {
  const at = address.lastIndexOf('@')
  return `${address.slice(0, at)}@${domainToASCII(address.slice(at + 1)) || address.slice(at + 1)}`
}

/** Starts the SMTP server. Rejects when the port is taken. */
export async function startSmtp(options: {
  host: string
  port: number
  inbox: Inbox
  behaviour: MailBehaviour
}): Promise<{ port: number; close(): Promise<void> }> {
  const { inbox, behaviour } = options
  const stopped = new AbortController()

  /** Resolves when the step may continue; never resolves while mute. */
  async function pass(step: MailStep, recipients: readonly string[] = []): Promise<void> {
    const drawn = behaviour.draw()
    if (step === 'data' && drawn.delayMs > 0) await delay(drawn.delayMs, undefined, { signal: stopped.signal })
    const effect = effectAt(step, drawn, recipients)
    if (effect.kind === 'refused') throw smtpError(effect.code, 'The mail catcher refuses this, as configured')
    if (effect.kind === 'mute') await new Promise<never>(() => undefined)
  }

  async function receive(stream: SMTPServerDataStream, recipients: readonly string[]): Promise<void> {
    const raw = await readAll(stream)
    await pass('data', recipients)
    inbox.add(raw, recipients)
  }

  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    // Like many relaying servers, does not deliver to an address that is not ASCII.
    hideSMTPUTF8: true,
    // Accepts any user name and password, also over a connection without TLS.
    authOptional: true,
    allowInsecureAuth: true,
    size: MESSAGE_BYTES_MAX,
    closeTimeout: CLOSE_MS_MAX,
    banner: 'Floodgate mail catcher',
    onConnect: (_session, done) => void pass('connect').then(() => done(), done),
    onAuth: (auth, _session, done) => void pass('auth').then(() => done(null, { user: auth.username ?? '' }), done),
    onMailFrom: (_address, _session, done) => void pass('sender').then(() => done(), done),
    onRcptTo: ({ address }, _session, done) => void pass('recipient', [address]).then(() => done(), done),
    onData: (stream, session, done) => {
      const recipients = session.envelope.rcptTo.map(({ address }) => onTheWire(address))
      void receive(stream, recipients).then(() => done(), done)
    },
  })
  const listening = Promise.withResolvers<void>()
  // A client that disconnects during a message is normal here; after the start nothing waits for this promise.
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
