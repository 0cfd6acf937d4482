import {
  ConfigurationError,
  type ConnectionCheck,
  type Finding,
  failed,
  failedConnection,
  warned,
} from '@floodgate/runtime'
import { createTransport } from 'nodemailer'
import { smtpFailure } from './smtp-failure.ts'
import { type SmtpSettings, smtpOptions } from './smtp-options.ts'

const SETTING = 'SMTP_URL'

/** Returns the check of the mail server: connects, starts TLS and logs in as the sender does, and sends nothing. */
export function mailServerCheck(settings: SmtpSettings): ConnectionCheck {
  return {
    name: 'mail server',
    setting: SETTING,
    async run(signal) {
      try {
        const { auth } = await verify(settings, signal)
        if (auth === undefined || settings.smtpTls !== 'none') return { kind: 'ok' }
        return warned('the password is readable on the way', 'Set SMTP_TLS to starttls or implicit.')
      } catch (error) {
        return explain(error)
      }
    },
  }
}

/** Resolves with the options of the connection that succeeded. */
async function verify(settings: SmtpSettings, signal: AbortSignal): Promise<ReturnType<typeof smtpOptions>> {
  const options = smtpOptions(settings)
  const transport = createTransport(options)
  signal.addEventListener('abort', () => transport.close(), { once: true })
  try {
    await transport.verify()
    return options
  } finally {
    transport.close()
  }
}

function explain(error: unknown): Finding {
  if (error instanceof ConfigurationError) return failed(error.message, 'Correct the files or the settings.')
  const failure = smtpFailure(error)
  if (isWithoutStartTls(error))
    return failed(
      'the server rejected STARTTLS, and the settings require it',
      `Correct the port of ${SETTING} and SMTP_TLS: implicit for TLS from the start, none for plain text, the password included.`,
    )
  if (failure.kind === 'sender' && failure.cause === 'authentication')
    return failed(
      `the server rejected the login (${failure.detail})`,
      `Correct the user and password in ${SETTING}; in a URL, % is written %25 and @ is written %40.`,
    )
  if (isClosed(error))
    return failed(
      'the server closed the connection',
      `Compare the port of ${SETTING} and SMTP_TLS with the server. It may also require a client certificate (SMTP_CERT_FILE), or reject this one.`,
    )
  return failedConnection(error, SETTING)
}

interface NodemailerError {
  readonly code?: unknown
  readonly command?: unknown
  readonly responseCode?: unknown
}

/** A server that does not know STARTTLS, or not now, replies to it with an error; a failed handshake has no reply. */
function isWithoutStartTls(error: unknown): boolean {
  const { command, responseCode } = error as NodemailerError
  return command === 'STARTTLS' && responseCode !== undefined
}

function isClosed(error: unknown): boolean {
  const { code, responseCode } = error as NodemailerError
  return code === 'ECONNECTION' && responseCode === undefined
}
