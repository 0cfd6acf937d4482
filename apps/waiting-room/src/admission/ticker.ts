import { untilNextPoll } from '@floodgate/async'
import type { Logger } from '@floodgate/runtime'
import { LEASE_AT_REST_MS, LEASE_TICKING_MS, type Registry } from '../processes/registry.ts'
import type { LineRedis } from '../redis/line-redis.ts'
import type { CachedSale, SaleCache } from '../sales/sale-cache.ts'
import { returnSlots } from '../slots/return-slot.ts'
import { admit, admitNobody, type Tick } from './admit.ts'
import { paceAfter } from './pace.ts'
import { missedForMs } from './schedule.ts'
import { isOutage, isRejection, type TickFailures } from './tick-failures.ts'
import { newTickState, type TickState } from './tick-state.ts'

const TICK_MS = 100
const SLOW_TICK_MS = 1_000
/** After this long without a tick, a line is ticked by any process that notices, in the order of their ranks. */
const STAMP_OLD_MS = 300
/** Longer than a slow tick: by then the sale's own process has seen the waiting buyer. */
const STEP_IN_MS = 1_200

export type SuccessfulTick = Extract<Tick, { kind: 'ok' }>

export interface TickerDeps {
  readonly line: LineRedis
  readonly sales: Pick<SaleCache, 'ids' | 'restore' | 'forget'>
  readonly registry: Registry
  readonly failures: TickFailures
  readonly log: Logger
  kid(): string
  /** Returns the share of each sale's rate at which buyers are admitted now. */
  rateShare(): number
  onTick(sale: string, tick: SuccessfulTick, ms: number): void
  /**
   * Returns the latest deadline of slots to return: later ones stay although they are past, since an order may have
   * been placed on them.
   */
  latestDeadlineMs(): number
  onDue(sale: string, act: 'open' | 'close'): void
  /**
   * Called when a sale is over. Resolves to true when nothing is left to do for it; else it is called again after the
   * next tick.
   */
  onOver(sale: string): Promise<boolean>
}

export interface Ticker {
  start(): void
  /** Reports a join in this process: the sale's own process may be at rest, and learns of it within a second. */
  joined(sale: string): void
  /** Reports a change of the sale in this process: its own process learns of it within a second. */
  changed(sale: string): void
  /** Steps in where buyers wait, or the schedule is due, and nothing ticks. Call it for every snapshot. */
  noteSnapshot(sale: CachedSale): void
  stop(): Promise<void>
  /**
   * Returns the milliseconds since a beat or a tick last reached Redis, whatever its reply; 0 while this process ticks
   * no sale.
   */
  lastTickAgeMs(): number
  /** Sums the counts of the sales that this process ticks, as of their last ticks. */
  totals(): { waiting: number; active: number }
}

/**
 * Ticks the sales that the registry assigns to this process: ten times a second where somebody waits, at absolute times
 * (the beginnings of the 100 ms in which the script earns tokens, so that a late timer has the most time to be on
 * time), else once a second. Steps in for others where their ticks are missing; an extra tick is harmless, because the
 * rate is the sale's. All scripts of a turn share one write, including the beat.
 */
export function createTicker(deps: TickerDeps): Ticker {
  const { line, sales, registry, failures, log } = deps
  const tickStates = new Map<string, TickState>()
  let timer: NodeJS.Timeout | undefined
  let running: Promise<unknown> = Promise.resolve()
  let reachedAtMs = performance.now()
  let isSleeping = false
  let isStopped = false

  const tickStateOf = (id: string): TickState => {
    const known = tickStates.get(id)
    if (known !== undefined) return known
    const tickState = newTickState()
    tickStates.set(id, tickState)
    return tickState
  }

  const tick = async (id: string, tickState: TickState): Promise<void> => {
    // The next tick does not overtake a hanging one: Redis is slow enough then.
    if (tickState.isBusy) return
    tickState.isBusy = true
    tickState.dueAtMs = performance.now() + SLOW_TICK_MS - TICK_MS
    const note = (error: unknown) => failures.note(id, { state: tickState.state, error })
    try {
      if (await take(id, tickState, admit(line, id, deps.kid(), deps.rateShare()))) failures.clear(id)
    } catch (error) {
      // An error reply is a reply: only an unreachable Redis makes this process silent.
      if (!isOutage(error)) reachedAtMs = performance.now()
      note(error)
      // A Redis that rejects admissions: slots are still freed, and the sale stays among the failing ones.
      if (isRejection(error)) await take(id, tickState, admitNobody(line, id)).catch(note)
    } finally {
      tickState.isBusy = false
    }
  }

  /** Resolves to whether the line existed. */
  const take = async (id: string, tickState: TickState, ticking: Promise<Tick>): Promise<boolean> => {
    const startedMs = performance.now()
    const result = await ticking
    reachedAtMs = performance.now()
    if (result.kind === 'ok') await follow(id, tickState, { ...result, ms: reachedAtMs - startedMs })
    // Neither Redis nor Postgres has the sale: nothing is left to do.
    else if (!(await sales.restore(id, result.kind)) && (await deps.onOver(id))) forget(id)
    return result.kind === 'ok'
  }

  const follow = async (id: string, tickState: TickState, tick: SuccessfulTick & { ms: number }) => {
    tickState.pace = paceAfter(tick)
    tickState.state = tick.state
    tickState.waiting = tick.waiting
    tickState.active = tick.active
    if (tickState.pace === 'fast' && isSleeping) schedule()
    deps.onTick(id, tick, tick.ms)
    if (tick.due !== undefined) deps.onDue(id, tick.due)
    if (tick.overdue > 0) await returnPast(id, 'expired')
    if (tick.unclaimed > 0) await returnPast(id, 'unclaimed')
    if (tickState.pace === 'over' && (await deps.onOver(id))) forget(id)
  }

  const drop = (id: string) => {
    tickStates.delete(id)
    failures.clear(id)
  }

  const forget = (id: string) => {
    drop(id)
    sales.forget(id)
  }

  const returnPast = async (id: string, reason: 'expired' | 'unclaimed') => {
    const slots = await returnSlots(line, id, {
      reason,
      ...(reason === 'expired' ? { latestMs: deps.latestDeadlineMs() } : {}),
    })
    if (slots.length > 0) log.info({ step: 'slot.returned', sale: id, slots, reason }, 'slots returned')
  }

  const isDue = (id: string, tickState: TickState, nowMs: number): boolean => {
    const isMine = registry.rankOf(id) === 0
    const isNewlyMine = isMine && !tickState.wasMine
    const isSteppingIn = tickState.stepInUntilMs > nowMs
    tickState.wasMine = isMine
    if (!isMine && !isSteppingIn) {
      // Its own process reports its failures.
      failures.clear(id)
      return false
    }
    if (isNewlyMine || tickState.dueAtMs <= nowMs) return true
    // A sale whose tick fails is retried once a second, however fast it was.
    return !failures.isFailing(id) && (isSteppingIn || tickState.pace === 'fast')
  }

  const hasFast = () => {
    const nowMs = performance.now()
    for (const [id, { stepInUntilMs, wasMine, pace }] of tickStates)
      if (stepInUntilMs > nowMs || (wasMine && pace === 'fast' && !failures.isFailing(id))) return true
    return false
  }

  const beat = async () => {
    const before = registry.generation()
    try {
      await registry.beat(hasFast() ? LEASE_TICKING_MS : LEASE_AT_REST_MS)
      reachedAtMs = performance.now()
      failures.clearBeat()
    } catch (error) {
      if (!isOutage(error)) reachedAtMs = performance.now()
      failures.noteBeat(error)
    }
    if (registry.generation() !== before) await takeOver()
    if (isSleeping && registry.isAnyTicking()) schedule()
  }

  /** Ticks the sales that this beat has just assigned to this process: the next turn may be a second away. */
  const takeOver = async () => {
    const own = [...tickStates].filter(([id, tickState]) => !tickState.wasMine && registry.rankOf(id) === 0)
    await Promise.all(own.map(([id, tickState]) => isDue(id, tickState, performance.now()) && tick(id, tickState)))
  }

  const turn = () => {
    const nowMs = performance.now()
    const ids = sales.ids()
    for (const id of ids) tickStateOf(id)
    // A sale created here a moment ago is not discovered yet.
    for (const [id, tickState] of tickStates) if (!ids.has(id) && tickState.stepInUntilMs < nowMs) drop(id)
    const due = [...tickStates].filter(([id, tickState]) => isDue(id, tickState, nowMs))
    running = Promise.all([beat(), ...due.map(([id, tickState]) => tick(id, tickState))])
    schedule()
  }

  const schedule = () => {
    if (isStopped) return
    clearTimeout(timer)
    isSleeping = !hasFast() && !registry.isAnyTicking()
    timer = setTimeout(turn, isSleeping ? untilNextPoll(SLOW_TICK_MS) : TICK_MS - (Date.now() % TICK_MS))
  }

  const stepIn = (id: string) => {
    const tickState = tickStateOf(id)
    tickState.stepInUntilMs = performance.now() + STEP_IN_MS
    if (isSleeping) schedule()
  }

  return {
    start: turn,
    changed: stepIn,
    joined: (id) => {
      const tickState = tickStates.get(id)
      if (tickState === undefined || tickState.waiting === 0) stepIn(id)
    },
    noteSnapshot: ({ id, snapshot }) => {
      const tickState = tickStates.get(id)
      if (tickState !== undefined && !tickState.wasMine) tickState.waiting = snapshot.counts.waiting
      if (missedForMs(snapshot) > STAMP_OLD_MS + TICK_MS * registry.rankOf(id)) stepIn(id)
    },
    stop: async () => {
      isStopped = true
      clearTimeout(timer)
      await running
      await registry.leave().catch((error: unknown) => log.debug({ error }, 'lease not released; left to expire'))
    },
    lastTickAgeMs: () => {
      for (const { wasMine } of tickStates.values()) if (wasMine) return performance.now() - reachedAtMs
      return 0
    },
    totals: () => {
      const totals = { waiting: 0, active: 0 }
      for (const tickState of tickStates.values()) {
        if (!tickState.wasMine) continue
        totals.waiting += tickState.waiting
        totals.active += tickState.active
      }
      return totals
    },
  }
}
