import { createTransport } from 'nodemailer'
import { addressOf } from './notice.ts'
import type { RenderedMail } from './rendered-mail.ts'
import { type SmtpFailure, smtpFailure } from './smtp-failure.ts'
import { type SmtpSettings, smtpOptions } from './smtp-options.ts'
import { createGetSocket, type SmtpSocketOptions } from './smtp-socket.ts'

export type SendResult = { readonly kind: 'sent' } | SmtpFailure

export interface Mailer {
  /** Sends a mail. Never rejects. Ends with a failure of the connection when `signal` aborts. */
  send(
    mail: RenderedMail & { readonly to: string; readonly messageId: string },
    signal: AbortSignal,
  ): Promise<SendResult>
  /** Ends sends in progress, and the connections. */
  close(): void
}

/**
 * Marks mails as automatic, so that no machine replies with an absence note (RFC 3834 §5); Exchange requires its own
 * field (MS-OXCMAIL).
 */
const AUTOMATIC = { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'OOF, AutoReply' }

/**
 * Sends over a pool of SMTP connections, from the address of `mailFrom` and with the name in the mail, or else that of
 * `mailFrom`. Each mail's signal bounds a server that keeps sending.
 */
export function createMailer(
  settings: SmtpSettings & { readonly mailFrom: string; readonly smtpConnections: number },
  { lookup }: Pick<SmtpSocketOptions, 'lookup'> = {},
): Mailer {
  const closed = new AbortController()
  const { mailFrom } = settings
  const address = addressOf(mailFrom)
  const options = smtpOptions(settings)
  const transport = createTransport({
    ...options,
    getSocket: createGetSocket({ connectMsMax: options.connectionTimeout, signal: closed.signal, lookup }),
    pool: true,
    maxConnections: settings.smtpConnections,
    maxMessages: 1_000,
  })
  return {
    async send({ to, messageId, subject, senderName, language, text, html, headers }, signal) {
      try {
        await transport.sendMail({
          from: senderName === undefined ? mailFrom : { name: senderName, address },
          to: { name: '', address: to },
          messageId,
          subject,
          headers: { ...AUTOMATIC, 'Content-Language': language, ...headers },
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
