import { type BackOff, backOffMs, createBoundedMap } from '@floodgate/async'
import type { Logger } from '@floodgate/runtime'
import { z } from 'zod'
import type { DeliveryQueue, Trouble } from '../delivery/delivery-queue.ts'
import type { Attempt } from '../delivery/sender.ts'
import type { SenderCause, ServerPace } from '../delivery/server-pace.ts'
import type { Timeliness } from '../reminders/reminder-store.ts'
import { createDomainBackOff, domainOf } from './domain-back-off.ts'
import type { QueuedMail } from './mail-store.ts'
import { notice } from './notice.ts'
import type { OpenEmail } from './open-email.ts'
import type { LinkTo } from './order-links.ts'
import { type LinksOf, type Reminder, reminder, renderReminder } from './reminder.ts'
import { renderMail } from './render-mail.ts'
import type { RenderedMail } from './rendered-mail.ts'
import type { Mailer } from './smtp.ts'
import type { SmtpFailure } from './smtp-failure.ts'

/**
 * The outcome of an attempt. `postponed`: retried later because of the mail itself. `released`: retried later because
 * of the mail server. `unreadable`: cannot be opened, or not yet. `rejected`, `expired`: given up. Of reminders: `moved`,
 * queued again when its sale is due; `unwanted`, deleted.
 */
export type MailOutcome =
  | 'sent'
  | 'postponed'
  | 'released'
  | 'unreadable'
  | 'rejected'
  | 'expired'
  | 'moved'
  | 'unwanted'

export interface AttemptDeps {
  readonly queue: DeliveryQueue<QueuedMail>
  readonly mailer: Mailer
  readonly openEmail: OpenEmail
  readonly linkTo: LinkTo
  readonly linksOf: LinksOf
  readonly reminders: {
    /** Judges a reminder by what is known about its sale and its address now. */
    judge(told: Reminder): Promise<Timeliness>
    takeBack(mail: string): Promise<void>
  }
  readonly pace: ServerPace
  readonly log: Logger
  readonly attemptsMax: number
  readonly retryHours: number
  readonly unreadableHours: number
  onPause(cause: SenderCause): void
}

const WAIT_MS_MIN = 1_000
const WAIT_MS_MAX = 10 * 60 * 1_000
/** Once the server has recovered, every mail must be sent within seconds. */
const RELEASE: BackOff = { minMs: 250, maxMs: 8_000 }
/** Any restarted process may bring the key. */
const UNREADABLE_WAIT_MS_MAX = 2 * 60 * 1_000
const BLAMED_MAX = 10_000

type Content =
  | { readonly kind: 'mail'; readonly to: string; readonly mail: RenderedMail }
  | { readonly kind: 'unreadable' | 'broken'; readonly error: string }
  /** A reminder that is not right any more. */
  | { readonly kind: 'over' }
  | { readonly kind: 'moved' }
  | { readonly kind: 'unwanted' }

export function createAttempt(deps: AttemptDeps): Attempt<QueuedMail, MailOutcome> {
  const { queue, mailer, pace, log } = deps
  const domains = createDomainBackOff()
  /** When a mail, by its id, or a domain, by its name, last failed in a way that looked like the server's fault. */
  const blamedAtMs = createBoundedMap<number>(BLAMED_MAX)
  let respondedAtMs = Number.NEGATIVE_INFINITY

  async function read({ sealedTo, body }: QueuedMail): Promise<Content> {
    const opened = await deps.openEmail(sealedTo)
    if (opened.kind === 'broken') return { kind: 'broken', error: 'address cannot be opened' }
    if (opened.kind === 'key-missing') return { kind: 'unreadable', error: 'no key opens the address' }
    const told = z.union([notice, reminder]).safeParse(body)
    // A newer version may have queued it.
    if (!told.success) return { kind: 'unreadable', error: 'unknown notice' }
    if (told.data.kind === 'reminder') {
      const timeliness = await deps.reminders.judge(told.data)
      if (timeliness !== 'due') return { kind: timeliness }
    }
    try {
      if (told.data.kind === 'reminder') {
        return { kind: 'mail', to: opened.address, mail: renderReminder(told.data, deps.linksOf(told.data)) }
      }
      const link = await deps.linkTo(told.data)
      return { kind: 'mail', to: opened.address, mail: renderMail(told.data, { link }) }
    } catch (error) {
      log.warn({ error }, 'mail not rendered')
      return { kind: 'unreadable', error: 'notice cannot be rendered' }
    }
  }

  function onServerResponse(domain: string): void {
    respondedAtMs = performance.now()
    blamedAtMs.delete(domain)
    pace.onResponse()
  }

  /** Tells whether the server accepted other mails since this one, or its domain, last failed. */
  function blameAgain(name: string, nowMs: number): boolean {
    const before = blamedAtMs.get(name)
    blamedAtMs.set(name, nowMs)
    return before !== undefined && respondedAtMs > before
  }

  function trouble(error: string, of: Partial<Trouble> = {}): Trouble {
    return {
      kind: 'deferred',
      error,
      rejected: false,
      rejectionsMax: deps.attemptsMax,
      hoursMax: deps.retryHours,
      waitMsMin: WAIT_MS_MIN,
      waitMsMax: WAIT_MS_MAX,
      ...of,
    }
  }

  async function putOffUnread({ id }: QueuedMail, error: string): Promise<MailOutcome> {
    const limits = { hoursMax: deps.unreadableHours, waitMsMax: UNREADABLE_WAIT_MS_MAX }
    await queue.putOff(id, trouble(error, { kind: 'unreadable', ...limits }))
    return 'unreadable'
  }

  async function defer({ id }: QueuedMail, detail: string): Promise<MailOutcome> {
    return (await queue.putOff(id, trouble(detail))) === 'dead' ? 'expired' : 'postponed'
  }

  /**
   * Handles a fault of the server: releases the mail. When the server accepted others between two such faults of the
   * same mail, or of mails to the same domain, the fault is the mail's own, or the domain's.
   */
  async function release(
    mail: QueuedMail,
    failure: SmtpFailure & { kind: 'sender' },
    { domain, startedMs }: { domain: string; startedMs: number },
  ): Promise<MailOutcome> {
    const nowMs = performance.now()
    const [isOwn, isOfDomain] = [blameAgain(mail.id, nowMs), blameAgain(domain, nowMs)]
    if (isOfDomain) domains.onMute(domain, nowMs)
    if (isOwn || isOfDomain) return defer(mail, failure.detail)
    if (pace.onFault(failure, { startedMs, nowMs })) {
      deps.onPause(failure.cause)
      log.warn({ cause: failure.cause, fault: failure.detail, pausedMs: pace.pausedMs(nowMs) }, 'mail sender paused')
    }
    const afterMs = backOffMs(RELEASE, mail.attempts - 1, Math.random())
    await queue.release(mail.id, { afterMs, error: failure.detail })
    return 'released'
  }

  async function deliver(
    mail: QueuedMail,
    content: Content & { kind: 'mail' },
    signal: AbortSignal,
  ): Promise<MailOutcome> {
    const startedMs = performance.now()
    const domain = domainOf(content.to)
    const result = await mailer.send({ ...content.mail, to: content.to, messageId: mail.messageId }, signal)
    if (result.kind === 'sender') return release(mail, result, { domain, startedMs })
    if (result.kind === 'deferred') {
      domains.onDeferred(domain, performance.now())
      if (result.closing) pace.onSuspicion(result.detail)
      else onServerResponse(domain)
      return defer(mail, result.detail)
    }
    onServerResponse(domain)
    if (result.kind === 'sent') {
      domains.onTaken(domain)
      return 'sent'
    }
    const rejected = await queue.putOff(mail.id, trouble(result.detail, { rejected: true }))
    return rejected === 'dead' ? 'rejected' : 'postponed'
  }

  return {
    async hold({ id, sealedTo, attempts, isLast }) {
      const nowMs = performance.now()
      if (isLast || domains.isQuiet(nowMs)) return false
      const opened = await deps.openEmail(sealedTo)
      if (opened.kind !== 'opened') return false
      const waitMs = domains.waitMs(domainOf(opened.address), { isFresh: attempts === 1, nowMs })
      if (waitMs === 0) return false
      // Spread out, so that thousands of mails to one domain do not become due at once.
      await queue.hold(id, waitMs * (1 + 2 * Math.random()))
      return true
    },
    async run(mail, signal) {
      const content = await read(mail)
      if (content.kind === 'mail') return deliver(mail, content, signal)
      if (content.kind === 'unreadable') return putOffUnread(mail, content.error)
      if (content.kind === 'over') {
        await queue.markDead(mail.id, 'the sale has opened')
        return 'expired'
      }
      if (content.kind === 'moved' || content.kind === 'unwanted') {
        await deps.reminders.takeBack(mail.id)
        return content.kind
      }
      await queue.markDead(mail.id, content.error)
      return 'unreadable'
    },
  }
}
