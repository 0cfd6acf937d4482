import { setTimeout as delay } from 'node:timers/promises'
import { untilNextPoll } from '@floodgate/database'
import type { Logger } from '@floodgate/service'
import type pg from 'pg'
import { claimMails, markDead, markSent, postponeMail, type QueuedMail } from './mail-store.ts'
import { notice } from './notice.ts'
import type { OpenEmail } from './open-email.ts'
import type { Mailer } from './smtp.ts'
import { renderMail } from './templates.ts'

export type MailOutcome = 'sent' | 'postponed' | 'rejected' | 'unreadable'

export interface SenderDeps {
  readonly pool: pg.Pool
  readonly mailer: Mailer
  readonly openEmail: OpenEmail
  readonly log: Logger
  /** Mails sent at once. */
  readonly concurrency: number
  /** Mails begun in a second at most. */
  readonly perSecondMax: number
  /** How often a mail is tried that the server rejects for good: some servers say so on a bad day. */
  readonly attemptsMax: number
  readonly onOutcome: (outcome: MailOutcome) => void
}

const pollMs = 1_000
/** The least between two looks into the queue while it has mails: one statement takes up, and one records, many of them. */
const roundMs = 100
const backOffMsMin = 1_000
const backOffMsMax = 60_000

export const backOffMs = (attempts: number, random: number): number => {
  const ceiling = Math.min(backOffMsMin * 2 ** Math.min(attempts - 1, 10), backOffMsMax)
  return Math.round(ceiling / 2 + (ceiling / 2) * random)
}

/**
 * Sends what is queued in the database, side by side, so that neither consumers nor other mails wait for one slow
 * answer, and no faster than it may: in a busy minute mails wait, so that confirmations don't. At least once: a process
 * that dies between the server's yes and its record, some 100 ms later, sends that mail again, under the same Message-ID.
 */
export const createSender = (deps: SenderDeps) => {
  const running = new Map<string, Promise<void>>()
  const perRound = Math.max(1, Math.floor((deps.perSecondMax * roundMs) / 1_000))
  let sent: string[] = []
  let wake = new AbortController()

  const attempt = async (mail: QueuedMail): Promise<MailOutcome> => {
    const to = await deps.openEmail(mail.sealedTo)
    const told = notice.safeParse(mail.body)
    if (to === undefined || !told.success) {
      await markDead(deps.pool, mail.eventId, to === undefined ? 'the address can not be opened' : 'unknown notice')
      return 'unreadable'
    }
    const result = await deps.mailer.send({ ...renderMail(told.data), to, messageId: mail.messageId })
    if (result.kind === 'sent') {
      sent.push(mail.eventId)
      return 'sent'
    }
    if (result.kind === 'rejected' && mail.attempts >= deps.attemptsMax) {
      await markDead(deps.pool, mail.eventId, result.detail)
      return 'rejected'
    }
    const afterMs = backOffMs(mail.attempts, Math.random())
    await postponeMail(deps.pool, mail.eventId, { afterMs, error: result.detail })
    return 'postponed'
  }

  const send = async (mail: QueuedMail): Promise<void> => {
    const startedMs = performance.now()
    try {
      const outcome = await attempt(mail)
      deps.onOutcome(outcome)
      const fields = { order: mail.orderId, kind: mail.kind, messageId: mail.messageId, attempts: mail.attempts }
      const ms = Math.round(performance.now() - startedMs)
      if (outcome === 'sent') deps.log.info({ step: 'mail.sent', ...fields, ms }, 'mail sent')
      else deps.log.warn({ ...fields, outcome, ms }, 'mail not sent')
    } catch (error) {
      // The database is away: the mail comes up again when its lease has ended.
      deps.log.warn({ order: mail.orderId, error }, 'a mail could not be recorded')
    } finally {
      running.delete(mail.eventId)
      ring()
    }
  }

  /** An abort makes an error object, and every mail rings. */
  const ring = () => {
    if (!wake.signal.aborted) wake.abort()
  }

  const recordSent = async (): Promise<void> => {
    if (sent.length === 0) return
    const ids = sent
    sent = []
    try {
      await markSent(deps.pool, ids)
    } catch (error) {
      sent = [...ids, ...sent]
      throw error
    }
  }

  const takeUp = async (): Promise<void> => {
    const max = Math.min(deps.concurrency - running.size, perRound)
    if (max <= 0) return
    for (const mail of await claimMails(deps.pool, max)) running.set(mail.eventId, send(mail))
  }

  const pause = (ms: number, signal: AbortSignal) => delay(ms, undefined, { signal }).catch(() => undefined)

  return {
    /** There is something new in the queue. */
    wake: ring,
    /** Sends until the signal aborts, then waits for what is under way. */
    run: async (signal: AbortSignal): Promise<void> => {
      while (!signal.aborted) {
        wake = new AbortController()
        const startedMs = performance.now()
        try {
          await recordSent()
          await takeUp()
        } catch (error) {
          deps.log.warn({ error }, 'the mail queue can not be read; trying again')
          await pause(pollMs, signal)
        }
        // Woken by new mail and by a place that became free; an abort only ends the pause.
        await pause(untilNextPoll(pollMs), AbortSignal.any([signal, wake.signal]))
        await pause(Math.max(0, startedMs + roundMs - performance.now()), signal)
      }
      await Promise.all(running.values())
      await recordSent().catch((error: unknown) => deps.log.warn({ error }, 'sent mails could not be recorded'))
    },
  }
}
