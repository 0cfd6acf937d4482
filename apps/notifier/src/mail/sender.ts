import { createWaker, pause, pauseUntil, untilNextPoll } from '@floodgate/async'
import type { Logger } from '@floodgate/runtime'
import type { Tracing } from '@floodgate/tracing'
import type { Pool } from 'pg'
import type { Attempt, MailOutcome } from './attempt.ts'
import {
  claimMails,
  giveBackMails,
  healFarDues,
  type MailClass,
  markSent,
  type QueuedMail,
  recheckUnreadable,
} from './mail-store.ts'
import type { ServerPace } from './server-pace.ts'

export interface SenderDeps {
  readonly pool: Pool
  readonly attempt: Attempt
  readonly pace: ServerPace
  readonly log: Logger
  readonly tracing: Tracing
  /** Mails sent at once. */
  readonly concurrency: number
  /** Maximum number of mails begun in a second. */
  readonly perSecondMax: number
  /** How long the mail server may take for one mail. */
  readonly sendMsMax: number
  readonly retryHours: number
  /** `held`: not tried, its domain is deferred. */
  onOutcome(outcome: MailOutcome | 'held'): void
}

const POLL_MS = 1_000
/**
 * Minimum time between two reads of the queue while it has mails: one statement claims, and one records, many of them.
 */
const ROUND_MS = 100
/** Every fourth round, earlier tries go first: a stream of fresh mails must not starve them. */
const TRIED_FIRST_EVERY = 4
const HEAL_MS = 60_000
/** Claims of one kind of mail in a round, when the previous ones were held. */
const CLAIMS_MAX = 20
/** Longer than any mail waits. */
const FAR_MS = 60 * 60_000
/** Time within a lease that a slow database may take to return mails, and to record them. */
const CLAIM_MS_MAX = 5_000

/** Returns the length of a mail's lease: the claim, its attempt, and recording the outcome. */
export function leaseMsOf(sendMsMax: number): number {
  return CLAIM_MS_MAX + sendMsMax + CLAIM_MS_MAX
}

/**
 * Sends queued mails concurrently, so that neither consumers nor other mails wait for one slow reply, and within the
 * allowed rate: in a busy minute mails wait, so that confirmations do not. Fresh mails go first, and earlier tries have
 * at most half of the slots, so that a slow recipient delays no other.
 *
 * At least once: a process that dies between the server's reply and its record, some 100 ms later, sends that mail
 * again, with the same Message-ID. A mail is leased for longer than its attempt may take, whatever `SMTP_TIMEOUT_MS`
 * says.
 */
export function createSender(deps: SenderDeps) {
  const { pool, pace, log } = deps
  const running = new Map<string, { readonly isFresh: boolean; readonly done: Promise<void> }>()
  const perRound = Math.max(1, Math.floor((deps.perSecondMax * ROUND_MS) / 1_000))
  const triedMax = Math.max(1, Math.floor(deps.concurrency / 2))
  const leaseMs = leaseMsOf(deps.sendMsMax)
  let sent: string[] = []
  /** Mails claimed, or maybe claimed, by failed claims of this process: released as soon as the database responds. */
  const dropped = { tried: [] as QueuedMail[], untried: [] as QueuedMail[] }
  const waker = createWaker()
  let round = 0
  let healedMs = Number.NEGATIVE_INFINITY

  async function send(mail: QueuedMail): Promise<void> {
    const startedMs = performance.now()
    try {
      const outcome = await deps.attempt.run(mail, AbortSignal.timeout(deps.sendMsMax))
      if (outcome === 'sent') sent.push(mail.eventId)
      deps.onOutcome(outcome)
      deps.tracing.record({
        ...{ name: 'mail', traceparent: deps.tracing.continue(mail.traceparent) ?? '', parent: mail.traceparent },
        startedMs,
        attributes: {
          'floodgate.order': mail.orderId,
          'floodgate.mail': mail.kind,
          'floodgate.attempt': mail.attempts,
          'floodgate.outcome': outcome,
        },
      })
      const fields = { order: mail.orderId, kind: mail.kind, messageId: mail.messageId, attempts: mail.attempts }
      const ms = Math.round(performance.now() - startedMs)
      if (outcome === 'sent') log.info({ step: 'mail.sent', ...fields, ms }, 'mail sent')
      else log.warn({ ...fields, outcome, ms }, 'mail not sent')
    } catch (error) {
      dropped.tried.push(mail)
      log.warn({ order: mail.orderId, error }, 'mail not recorded')
    } finally {
      running.delete(mail.eventId)
      waker.wake()
    }
  }

  async function recordSent(): Promise<void> {
    if (sent.length === 0) return
    const ids = sent
    sent = []
    try {
      await markSent(pool, ids)
    } catch (error) {
      sent = [...ids, ...sent]
      throw error
    }
  }

  async function giveBackDropped(): Promise<void> {
    for (const kind of ['tried', 'untried'] as const) {
      const mails = dropped[kind]
      if (mails.length === 0) continue
      await giveBackMails(pool, mails, { tried: kind === 'tried' })
      dropped[kind] = dropped[kind].filter((mail) => !mails.includes(mail))
    }
  }

  async function heal(): Promise<void> {
    if (performance.now() - healedMs < HEAL_MS) return
    if (healedMs === Number.NEGATIVE_INFINITY) await recheckUnreadable(pool, leaseMs)
    await healFarDues(pool, FAR_MS)
    healedMs = performance.now()
  }

  async function claim(of: MailClass, max: number): Promise<QueuedMail[]> {
    const askedMs = performance.now()
    const onLost = (lost: readonly QueuedMail[]) => void dropped.untried.push(...lost)
    const mails = await claimMails(pool, { of, max, leaseMs, hoursMax: deps.retryHours, onLost })
    const tookMs = performance.now() - askedMs
    if (tookMs <= CLAIM_MS_MAX) return mails
    // Their lease may end before their attempt.
    if (mails.length > 0) log.warn({ mails: mails.length, ms: Math.round(tookMs) }, 'late mails released')
    dropped.untried.push(...mails)
    return []
  }

  /**
   * Selects the kinds of mails. While the server has a fault, every other round tries the newest mail: the oldest ones
   * may all be to a domain that is slow to fail.
   */
  function classesOf(round: number): readonly MailClass[] {
    const fresh = pace.fault() !== undefined && round % 2 === 1 ? 'newest' : 'fresh'
    return round % TRIED_FIRST_EVERY === 0 ? ['tried', fresh] : [fresh, 'tried']
  }

  /** Returns the mails whose domain is not deferred; releases the others. */
  async function withoutHeld(mails: readonly QueuedMail[]): Promise<QueuedMail[]> {
    const held = await Promise.allSettled(mails.map((mail) => deps.attempt.hold(mail)))
    const failed = held.find((each) => each.status === 'rejected')
    if (failed !== undefined) {
      // The lease of deferred mails ends with that, and nothing else happens to them.
      dropped.untried.push(...mails)
      throw failed.reason
    }
    return mails.filter((_, index) => {
      const each = held[index]
      const isHeld = each?.status === 'fulfilled' && each.value
      if (isHeld) deps.onOutcome('held')
      return !isHeld
    })
  }

  function begin(mail: QueuedMail, isFresh: boolean): void {
    // A clock that jumped ends leases early: this process does not send a mail a second time while it sends it.
    if (!running.has(mail.eventId)) running.set(mail.eventId, { isFresh, done: send(mail) })
  }

  async function takeUp(): Promise<void> {
    round += 1
    let places = Math.min(pace.places(performance.now()) - running.size, perRound)
    for (const of of classesOf(round)) {
      // Held mails need no slot: others take it in the same round.
      for (let claims = 0; claims < CLAIMS_MAX; claims += 1) {
        const triedRunning = [...running.values()].filter(({ isFresh }) => !isFresh).length
        const max = of === 'tried' ? Math.min(places, triedMax - triedRunning) : places
        if (max <= 0) break
        const claimed = await claim(of, max)
        const mails = await withoutHeld(claimed)
        places -= mails.length
        for (const mail of mails) begin(mail, of !== 'tried')
        if (claimed.length < max) break
        // More mails may be queued behind the held ones.
        if (claims === CLAIMS_MAX - 1) waker.wake()
      }
    }
  }

  return {
    /** Wakes the sender for new mails in the queue. */
    wake: waker.wake,
    /** Sends until the signal aborts, then waits for work in progress. */
    async run(signal: AbortSignal): Promise<void> {
      while (!signal.aborted) {
        const startedMs = performance.now()
        try {
          await recordSent()
          await giveBackDropped()
          await heal()
          await takeUp()
        } catch (error) {
          log.warn({ error }, 'mail queue not read')
          await pause(POLL_MS, signal)
        }
        // Woken by new mail and by a free slot.
        const pausedMs = pace.pausedMs(performance.now())
        const idleMs = pausedMs > 0 ? Math.min(pausedMs, POLL_MS) : untilNextPoll(POLL_MS)
        await waker.wait(idleMs, signal)
        await pauseUntil(startedMs + ROUND_MS, signal)
      }
      await Promise.all([...running.values()].map(({ done }) => done))
      await recordSent().catch((error: unknown) => log.warn({ error }, 'sent mails not recorded'))
    },
  }
}
