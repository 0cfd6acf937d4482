import { createTransport } from 'nodemailer'
import type { RenderedMail } from './templates.ts'

type SendResult =
  | { readonly kind: 'sent' }
  /** The server said "never" (a 5xx reply, RFC 5321 §4.2.1). */
  | { readonly kind: 'rejected'; readonly detail: string }
  | { readonly kind: 'not-now'; readonly detail: string }

export interface Mailer {
  send(mail: RenderedMail & { readonly to: string; readonly messageId: string }): Promise<SendResult>
  close(): void
}

/** What an SMTP failure says, without the address that servers like to repeat. */
const detailOf = (error: unknown): string => {
  const { code, responseCode, command } = error as { code?: string; responseCode?: number; command?: string }
  return [code, responseCode, command].filter((part) => part !== undefined).join(' ') || 'unknown error'
}

/** Sends over a pool of SMTP connections with bounded waiting. */
export const createMailer = (options: {
  url: string
  from: string
  connections: number
  timeoutMs: number
}): Mailer => {
  const transport = createTransport({
    url: options.url,
    pool: true,
    maxConnections: options.connections,
    maxMessages: 1_000,
    connectionTimeout: Math.min(options.timeoutMs, 5_000),
    greetingTimeout: Math.min(options.timeoutMs, 5_000),
    socketTimeout: options.timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return {
    send: async ({ to, messageId, subject, text, html }) => {
      try {
        await transport.sendMail({ from: options.from, to: { name: '', address: to }, messageId, subject, text, html })
        return { kind: 'sent' }
      } catch (error) {
        const { responseCode } = error as { responseCode?: number }
        const kind = responseCode !== undefined && responseCode >= 500 ? 'rejected' : 'not-now'
        return { kind, detail: detailOf(error) }
      }
    },
    close: () => transport.close(),
  }
}
