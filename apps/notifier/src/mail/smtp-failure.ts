import type { SenderCause } from '../delivery/server-pace.ts'

/**
 * What a failed attempt means: this mail is rejected permanently (`rejected`) or for now (`deferred`), or no mail can
 * be sent (`sender`), because the connection, the login or the sender's address failed before the recipient.
 */
export type SmtpFailure =
  | { readonly kind: 'rejected'; readonly detail: string }
  /** `closing`: the server also announced that it ends the connection. */
  | { readonly kind: 'deferred'; readonly closing: boolean; readonly detail: string }
  | { readonly kind: 'sender'; readonly cause: SenderCause; readonly detail: string }

const CLOSING = 421
const TOO_LARGE = 552
/**
 * Authentication is required, wrong, too weak, or temporarily unavailable (RFC 4954 §6, RFC 3207 §4); some servers send
 * these replies to any command.
 */
const authenticationCodes = new Set([432, 454, 530, 534, 535, 538])
const authenticationErrors = new Set(['EAUTH', 'ENOAUTH', 'EOAUTH2'])
/** nodemailer's errors about the message itself, before or without a reply. */
const messageErrors = new Set(['EENVELOPE', 'EMESSAGE', 'ESTREAM'])

/** The fields of nodemailer's errors. */
interface NodemailerError {
  readonly code?: string
  readonly responseCode?: number
  readonly command?: string
}

/** Classifies a failure of nodemailer. Its detail omits the server's text, which often repeats the address. */
export function smtpFailure(error: unknown): SmtpFailure {
  const { code = '', responseCode, command = '' } = (error ?? {}) as NodemailerError
  const detail = [code, responseCode, command].filter((part) => part !== undefined && part !== '').join(' ')
  if (authenticationErrors.has(code) || command.startsWith('AUTH') || authenticationCodes.has(responseCode ?? 0))
    return { kind: 'sender', cause: 'authentication', detail }
  if (responseCode === undefined) {
    if (messageErrors.has(code)) return { kind: 'rejected', detail }
    return { kind: 'sender', cause: 'connection', detail: detail || 'unknown error' }
  }
  if (command === 'RCPT TO' || command === 'DATA' || (code === 'EMESSAGE' && command !== 'MAIL FROM'))
    return ofRecipient(responseCode, detail)
  // With pipelining, nodemailer reports a 421 to RCPT TO as the connection's.
  if (responseCode === CLOSING && code === 'ECONNECTION') return { kind: 'deferred', closing: true, detail }
  if (command === 'MAIL FROM') {
    if (responseCode === TOO_LARGE) return { kind: 'rejected', detail }
    return { kind: 'sender', cause: responseCode === CLOSING ? 'connection' : 'sender', detail }
  }
  return { kind: 'sender', cause: 'connection', detail }
}

/**
 * Classifies a reply to the recipient. 503 means that the commands came in the wrong order, not that the mail was
 * rejected.
 */
function ofRecipient(responseCode: number, detail: string): SmtpFailure {
  const isForGood = responseCode >= 500 && responseCode !== 503
  return isForGood ? { kind: 'rejected', detail } : { kind: 'deferred', closing: responseCode === CLOSING, detail }
}
