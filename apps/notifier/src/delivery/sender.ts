import { createWaker, pause, pauseUntil, untilNextPoll } from '@floodgate/async'
import type { Logger } from '@floodgate/runtime'
import type { Claimed, DeliveryQueue, QueueClass } from './delivery-queue.ts'
import type { ServerPace } from './server-pace.ts'

export interface Attempt<Row, Outcome> {
  /** Releases a row at once whose recipient is deferred; returns true when it did. */
  hold(row: Row): Promise<boolean>
  /** Tries one row and records the outcome, except for `sent`: the sender records many at once. */
  run(row: Row, signal: AbortSignal): Promise<Outcome | 'sent'>
}

export interface SenderDeps<Row, Outcome> {
  /** What is sent, for the log: `mails`. */
  readonly name: string
  readonly queue: DeliveryQueue<Row & Claimed>
  readonly attempt: Attempt<Row, Outcome>
  readonly pace: ServerPace
  readonly log: Logger
  /** Deliveries in progress at once. */
  readonly concurrency: number
  /** Maximum number of deliveries begun in a second. */
  readonly perSecondMax: number
  /** How long the server may take for one delivery. */
  readonly sendMsMax: number
  readonly retryHours: number
  /** Reports a tried row, for metrics, traces and the log. `startedMs`: of the monotonic clock. */
  onTried(row: Row, outcome: Outcome | 'sent', startedMs: number): void
  /** Reports a row that was not tried: its recipient is deferred. */
  onHeld?(): void
}

const POLL_MS = 1_000
/**
 * Minimum time between two reads of the queue while it has rows: one statement claims, and one records, many of them.
 */
const ROUND_MS = 100
/** Every fourth round, earlier tries go first: a stream of fresh ones must not starve them. */
const TRIED_FIRST_EVERY = 4
const HEAL_MS = 60_000
/** Claims of one kind in a round, when the previous ones were held. */
const CLAIMS_MAX = 20
/** Longer than any row waits. */
const FAR_MS = 60 * 60_000
/** Time within a lease that a slow database may take to return rows, and to record them. */
const CLAIM_MS_MAX = 5_000

/** Returns the length of a lease: the claim, its attempt, and recording the outcome. */
export function leaseMsOf(sendMsMax: number): number {
  return CLAIM_MS_MAX + sendMsMax + CLAIM_MS_MAX
}

/**
 * Sends queued rows concurrently, so that neither consumers nor other rows wait for one slow reply, and within the
 * allowed rate: in a busy minute they wait. Fresh ones go first, and earlier tries have at most half of the slots, so
 * that a slow recipient delays no other.
 *
 * At least once: a process that dies between the server's reply and its record, some 100 ms later, sends that row
 * again, under the same id. A row is leased for longer than its attempt may take.
 */
export function createSender<Row extends Claimed, Outcome extends string>(deps: SenderDeps<Row, Outcome>) {
  const { name, queue, pace, log } = deps
  const running = new Map<string, { readonly isFresh: boolean; readonly done: Promise<void> }>()
  const perRound = Math.max(1, Math.floor((deps.perSecondMax * ROUND_MS) / 1_000))
  const triedMax = Math.max(1, Math.floor(deps.concurrency / 2))
  const leaseMs = leaseMsOf(deps.sendMsMax)
  let sent: string[] = []
  /** Rows claimed, or maybe claimed, by failed claims of this process: released as soon as the database responds. */
  const dropped = { tried: [] as Row[], untried: [] as Row[] }
  const waker = createWaker()
  let round = 0
  let healedMs = Number.NEGATIVE_INFINITY

  async function send(row: Row): Promise<void> {
    const startedMs = performance.now()
    try {
      const outcome = await deps.attempt.run(row, AbortSignal.timeout(deps.sendMsMax))
      if (outcome === 'sent') sent.push(row.id)
      deps.onTried(row, outcome, startedMs)
    } catch (error) {
      dropped.tried.push(row)
      log.warn({ queue: name, id: row.id, error }, 'delivery not recorded')
    } finally {
      running.delete(row.id)
      waker.wake()
    }
  }

  async function recordSent(): Promise<void> {
    if (sent.length === 0) return
    const ids = sent
    sent = []
    try {
      await queue.markSent(ids)
    } catch (error) {
      sent = [...ids, ...sent]
      throw error
    }
  }

  async function giveBackDropped(): Promise<void> {
    for (const kind of ['tried', 'untried'] as const) {
      const rows = dropped[kind]
      if (rows.length === 0) continue
      await queue.giveBack(rows, { tried: kind === 'tried' })
      dropped[kind] = dropped[kind].filter((row) => !rows.includes(row))
    }
  }

  async function heal(): Promise<void> {
    if (performance.now() - healedMs < HEAL_MS) return
    if (healedMs === Number.NEGATIVE_INFINITY) await queue.recheckUnreadable(leaseMs)
    await queue.healFarDues(FAR_MS)
    healedMs = performance.now()
  }

  async function claim(of: QueueClass, max: number): Promise<Row[]> {
    const askedMs = performance.now()
    const onLost = (lost: readonly Row[]) => void dropped.untried.push(...lost)
    const rows = await queue.claim({ of, max, leaseMs, hoursMax: deps.retryHours, onLost })
    const tookMs = performance.now() - askedMs
    if (tookMs <= CLAIM_MS_MAX) return rows
    // Their lease may end before their attempt.
    if (rows.length > 0) log.warn({ queue: name, rows: rows.length, ms: Math.round(tookMs) }, 'late claim released')
    dropped.untried.push(...rows)
    return []
  }

  /**
   * Selects the kinds of rows. While the server has a fault, every other round tries the newest one: the oldest ones may
   * all be to a recipient that is slow to fail.
   */
  function classesOf(round: number): readonly QueueClass[] {
    const fresh = pace.fault() !== undefined && round % 2 === 1 ? 'newest' : 'fresh'
    return round % TRIED_FIRST_EVERY === 0 ? ['tried', fresh] : [fresh, 'tried']
  }

  /** Returns the rows whose recipient is not deferred; releases the others. */
  async function withoutHeld(rows: readonly Row[]): Promise<Row[]> {
    const held = await Promise.allSettled(rows.map((row) => deps.attempt.hold(row)))
    const failed = held.find((each) => each.status === 'rejected')
    if (failed !== undefined) {
      // The lease of deferred rows ends with that, and nothing else happens to them.
      dropped.untried.push(...rows)
      throw failed.reason
    }
    return rows.filter((_, index) => {
      const each = held[index]
      const isHeld = each?.status === 'fulfilled' && each.value
      if (isHeld) deps.onHeld?.()
      return !isHeld
    })
  }

  function begin(row: Row, isFresh: boolean): void {
    // A clock that jumped ends leases early: this process does not send a row a second time while it sends it.
    if (!running.has(row.id)) running.set(row.id, { isFresh, done: send(row) })
  }

  async function takeUp(): Promise<void> {
    round += 1
    let places = Math.min(pace.places(performance.now()) - running.size, perRound)
    for (const of of classesOf(round)) {
      // Held rows need no slot: others take it in the same round.
      for (let claims = 0; claims < CLAIMS_MAX; claims += 1) {
        const triedRunning = [...running.values()].filter(({ isFresh }) => !isFresh).length
        const max = of === 'tried' ? Math.min(places, triedMax - triedRunning) : places
        if (max <= 0) break
        const claimed = await claim(of, max)
        const rows = await withoutHeld(claimed)
        places -= rows.length
        for (const row of rows) begin(row, of !== 'tried')
        if (claimed.length < max) break
        // More rows may be queued behind the held ones.
        if (claims === CLAIMS_MAX - 1) waker.wake()
      }
    }
  }

  return {
    /** Wakes the sender for new rows in the queue. */
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
          log.warn({ queue: name, error }, 'delivery queue not read')
          await pause(POLL_MS, signal)
        }
        // Woken by new rows and by a free slot.
        const pausedMs = pace.pausedMs(performance.now())
        const idleMs = pausedMs > 0 ? Math.min(pausedMs, POLL_MS) : untilNextPoll(POLL_MS)
        await waker.wait(idleMs, signal)
        await pauseUntil(startedMs + ROUND_MS, signal)
      }
      await Promise.all([...running.values()].map(({ done }) => done))
      await recordSent().catch((error: unknown) => log.warn({ queue: name, error }, 'deliveries not recorded'))
    },
  }
}
