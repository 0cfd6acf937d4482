import { createWaker, pause, pauseUntil, untilNextPoll } from '@floodgate/async'
import type { Logger } from '@floodgate/runtime'
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
  /** Mails sent at once. */
  readonly concurrency: number
  /** Mails begun in a second at most. */
  readonly perSecondMax: number
  /** How long the mail server may take for one mail. */
  readonly sendMsMax: number
  readonly retryHours: number
  /** `held`: not tried, its domain is put off. */
  onOutcome(outcome: MailOutcome | 'held'): void
}

const POLL_MS = 1_000
/** The least between two looks into the queue while it has mails: one statement takes up, and one records, many of them. */
const ROUND_MS = 100
/** Every fourth round, mails that were tried before go first: a stream of fresh ones must not starve them. */
const TRIED_FIRST_EVERY = 4
const HEAL_MS = 60_000
/** Of one kind of mail in a round, when those of the claims before were held. */
const CLAIMS_MAX = 20
/** Longer than anything waits. */
const FAR_MS = 60 * 60_000
/** What a slow database may take to hand mails over, and to record them, within their lease. */
const CLAIM_MS_MAX = 5_000

/** How long a mail is nobody else's: handing it over, its attempt, and recording what came of it. */
export function leaseMsOf(sendMsMax: number): number {
  return CLAIM_MS_MAX + sendMsMax + CLAIM_MS_MAX
}

/**
 * Sends what is queued in the database, side by side, so that neither consumers nor other mails wait for one slow
 * reply, and no faster than it may: in a busy minute mails wait, so that confirmations don't. Fresh mails go first, and
 * those that were tried before have half of the places at most, so that a recipient who takes long delays no other.
 *
 * At least once: a process that dies between the server's reply and its record, some 100 ms later, sends that mail again,
 * under the same Message-ID. A mail is leased for longer than its attempt may take, whatever `SMTP_TIMEOUT_MS` says.
 */
export function createSender(deps: SenderDeps) {
  const { pool, pace, log } = deps
  const running = new Map<string, { readonly isFresh: boolean; readonly done: Promise<void> }>()
  const perRound = Math.max(1, Math.floor((deps.perSecondMax * ROUND_MS) / 1_000))
  const triedMax = Math.max(1, Math.floor(deps.concurrency / 2))
  const leaseMs = leaseMsOf(deps.sendMsMax)
  let sent: string[] = []
  /** Taken up, or maybe, by claims of this process that came to nothing: given back as soon as the database answers. */
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
    if (mails.length > 0) log.warn({ mails: mails.length, ms: Math.round(tookMs) }, 'late mails given back')
    dropped.untried.push(...mails)
    return []
  }

  /**
   * While the server has something against us, every other round asks with the newest mail: the oldest ones may all be to a
   * domain that takes long to fail.
   */
  function classesOf(round: number): readonly MailClass[] {
    const fresh = pace.fault() !== undefined && round % 2 === 1 ? 'newest' : 'fresh'
    return round % TRIED_FIRST_EVERY === 0 ? ['tried', fresh] : [fresh, 'tried']
  }

  /** Those whose domain is not put off; the others went back. */
  async function withoutHeld(mails: readonly QueuedMail[]): Promise<QueuedMail[]> {
    const held = await Promise.allSettled(mails.map((mail) => deps.attempt.hold(mail)))
    const failed = held.find((each) => each.status === 'rejected')
    if (failed !== undefined) {
      // Of those that were put off their lease is over by that, and nothing else is done to them.
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
    // A clock that jumped ends leases early: nothing is sent a second time by the process that is sending it.
    if (!running.has(mail.eventId)) running.set(mail.eventId, { isFresh, done: send(mail) })
  }

  async function takeUp(): Promise<void> {
    round += 1
    let places = Math.min(pace.places(performance.now()) - running.size, perRound)
    for (const of of classesOf(round)) {
      // Mails that are held need no place: others take it in the same round.
      for (let claims = 0; claims < CLAIMS_MAX; claims += 1) {
        const triedRunning = [...running.values()].filter(({ isFresh }) => !isFresh).length
        const max = of === 'tried' ? Math.min(places, triedMax - triedRunning) : places
        if (max <= 0) break
        const claimed = await claim(of, max)
        const mails = await withoutHeld(claimed)
        places -= mails.length
        for (const mail of mails) begin(mail, of !== 'tried')
        if (claimed.length < max) break
        // There may be more behind those that were held.
        if (claims === CLAIMS_MAX - 1) waker.wake()
      }
    }
  }

  return {
    /** There is something new in the queue. */
    wake: waker.wake,
    /** Sends until the signal aborts, then waits for what is under way. */
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
        // Woken by new mail and by a place that became free.
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
