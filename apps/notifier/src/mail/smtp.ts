import { createTransport } from 'nodemailer'
import { type SmtpFailure, smtpFailure } from './smtp-failure.ts'
import type { RenderedMail } from './templates.ts'

export type SendResult = { readonly kind: 'sent' } | SmtpFailure

export interface Mailer {
  /** Never rejects. Ends with a failure of the connection when `signal` aborts. */
  send(
    mail: RenderedMail & { readonly to: string; readonly messageId: string },
    signal: AbortSignal,
  ): Promise<SendResult>
  /** Ends what is under way, and the connections. */
  close(): void
}

const CONNECT_MS_MAX = 5_000

/**
 * Sends over a pool of SMTP connections. A server may be silent for `timeoutMs`, less while connecting; one that talks on
 * without coming to an end is bounded by each mail's signal.
 */
export function createMailer(options: { url: string; from: string; connections: number; timeoutMs: number }): Mailer {
  const closed = new AbortController()
  const connectMsMax = Math.min(options.timeoutMs, CONNECT_MS_MAX)
  const transport = createTransport({
    url: options.url,
    pool: true,
    maxConnections: options.connections,
    maxMessages: 1_000,
    dnsTimeout: connectMsMax,
    connectionTimeout: connectMsMax,
    greetingTimeout: connectMsMax,
    socketTimeout: options.timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return {
    async send({ to, messageId, subject, text, html }, signal) {
      try {
        await transport.sendMail({
          from: options.from,
          to: { name: '', address: to },
          messageId,
          subject,
          text,
          html,
          signal: AbortSignal.any([signal, closed.signal]),
        })
        return { kind: 'sent' }
      } catch (error) {
        return smtpFailure(error)
      }
    },
    close() {
      closed.abort()
      transport.close()
    },
  }
}
