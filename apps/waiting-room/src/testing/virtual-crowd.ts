import { seededRandom } from '@floodgate/testkit'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { admit } from '../admission/admit.ts'
import { JOINERS_MAX, joinAll } from '../line/join-all.ts'
import { createPresence, notePresence } from '../line/presence.ts'
import { createStatusReader } from '../line/read-status.ts'
import { lineKeys } from '../redis/keys.ts'
import type { CachedSale, SaleCache } from '../sales/sale-cache.ts'
import { returnSlots } from '../slots/return-slot.ts'
import { pollAfterMs, SOCKET_PRESENCE_EVERY_MS, socketPresentMs } from '../snapshot/poll-policy.ts'
import { readSnapshot } from '../snapshot/snapshot.ts'
import type { VirtualLine } from './virtual-line.ts'

const STEP_MS = 50
const SNAPSHOT_MS = 250
const BOARD_MS = 12_000
/** Two of the longest intervals and 2 s: how long a buyer counts as present after its last report. */
const PRESENT_MS_MAX = 32_000

export interface CrowdOptions {
  readonly rate: number
  readonly buyers: number
  readonly seconds: number
  readonly seed: number
  /**
   * Share of buyers who leave: each at random, a stretch of neighbours, or all of them at once after `leaveSeconds`.
   */
  readonly leavers: { readonly pattern: 'uniform' | 'stretch' | 'sudden'; readonly share: number }
  readonly leaveSeconds?: number
  /** Share of the others with a socket, and of those who read only the board until their place is in the window. */
  readonly sockets?: number
  readonly boardReaders?: number
  /** Share of reports by a reloaded page: it joins again, and next reports when that join says. */
  readonly reloads?: number
  /** When all have joined; default 1. */
  readonly joinSeconds?: number
  readonly maxActive?: number
  readonly claimSeconds?: number
  /** How long a buyer takes to buy once it knows of its admission; without it slots are not given back. */
  readonly purchaseSeconds?: number
  readonly tickers?: number
  /** Nobody reports during this many seconds after the opening, while the line moves on. */
  readonly sleepSeconds?: number
  /** Periods without ticks and reports, in milliseconds from the opening. */
  readonly outage?: { readonly fromMs: number; readonly untilMs: number }
}

export interface CrowdOutcome {
  /** In the order of their admission. */
  readonly admissions: readonly { readonly place: number; readonly atMs: number; readonly absentMs: number }[]
  /** Places of buyers who reported as told and were set aside all the same. */
  readonly wronged: readonly number[]
  readonly returnedSoon: number
  readonly inversions: number
  readonly polls: number
  readonly lookups: number
  readonly purchases: number
  /** Number of present buyers who still wait at the end. */
  readonly waiting: number
}

type Kind = 'poller' | 'socket' | 'board'

interface Buyer {
  readonly name: string
  readonly place: number
  readonly kind: Kind
  leavesMs: number
  admittedMs: number
  slot: string
}

/**
 * Runs a crowd on the real scripts, the real poll policy and the real status reader, in virtual time: everybody joins
 * and then reports exactly when told, until it is admitted or leaves.
 */
export async function runCrowd(virtual: VirtualLine, options: CrowdOptions): Promise<CrowdOutcome> {
  const { line, clock, redis } = virtual
  const { rate, leavers, outage } = options
  const random = seededRandom(options.seed)
  const { maxActive = 1_000_000, claimSeconds = 0 } = options
  const joinMs = (options.joinSeconds ?? 1) * 1_000
  const { id } = await virtual.openSale({ admitPerSecond: rate, maxActive, claimSeconds })
  const startMs = clock.now()
  const nowMs = () => clock.now() - startMs
  const log = silentLogger
  const presence = createPresence({ line, log })
  const snapshot = await readSnapshot(line, id)
  if (snapshot === undefined) throw new Error('the sale does not exist')
  const sale: CachedSale = { id, snapshot, readAtMs: performance.now(), requestedAtMs: 0 }
  const sales = { refresh: async () => sale, restore: async () => true } as unknown as SaleCache
  const signAdmission = () => ({ admission: '', expiresAt: '' })
  const status = createStatusReader({
    line,
    sales,
    signAdmission,
    presence,
    random,
    revocations: { rejectNow: () => undefined },
  })

  const kindOf = (): Kind => {
    const draw = random()
    if (draw < (options.sockets ?? 0)) return 'socket'
    return draw < (options.sockets ?? 0) + (options.boardReaders ?? 0) ? 'board' : 'poller'
  }
  const leaveMs = (options.leaveSeconds ?? 0) * 1_000
  const stretch = [0.04 * options.buyers, (0.04 + leavers.share) * options.buyers]
  const leavesMs = (place: number): number => {
    const [from = 0, to = 0] = stretch
    const leaves = leavers.pattern === 'stretch' ? place > from && place <= to : random() < leavers.share
    return leaves ? Math.max(nowMs() + 1, leaveMs) : Number.POSITIVE_INFINITY
  }
  const crowd = new Map<string, Buyer>()
  const reported = new Set<number>()
  const due = new Map<number, Buyer[]>()
  const schedule = (buyer: Buyer, atMs: number) => {
    const step = Math.ceil(atMs / STEP_MS)
    const others = due.get(step)
    if (others === undefined) due.set(step, [buyer])
    else others.push(buyer)
  }
  const counts = { polls: 0, lookups: 0, purchases: 0, returnedSoon: 0, inversions: 0 }

  const join = async (from: number, to: number) => {
    for (let first = from; first <= to; first += JOINERS_MAX) {
      const names = Array.from({ length: Math.min(JOINERS_MAX, to - first + 1) }, (_, index) => `b${first + index}`)
      const joined = await joinAll(
        line,
        id,
        names.map((buyer) => ({ buyer, claimedPlace: 0 })),
      )
      for (const [index, result] of joined.entries()) {
        if (!('place' in result)) throw new Error(result.kind)
        const { place, position } = result
        const buyer = {
          name: names[index] ?? '',
          place,
          kind: kindOf(),
          leavesMs: leavesMs(place),
          ...{ admittedMs: 0, slot: '' },
        }
        crowd.set(buyer.name, buyer)
        // The first report of each buyer is when its join says; sockets open at once.
        const toldMs = pollAfterMs(sale.snapshot, position - 1, random())
        schedule(buyer, nowMs() + (buyer.kind === 'socket' ? random() * 4_000 : toldMs))
      }
    }
  }

  const inside: { slot: string; untilMs: number }[] = []
  const buy = async (buyer: Buyer, holder: { sale: string; buyer: string; place: number }): Promise<void> => {
    if (options.purchaseSeconds === undefined) return
    const { state } = await status.fromRedis(sale, holder)
    if (state === 'admitted') inside.push({ slot: buyer.slot, untilMs: nowMs() + options.purchaseSeconds * 1_000 })
  }
  const report = async (buyer: Buyer): Promise<void> => {
    if (nowMs() >= buyer.leavesMs) return
    const holder = { sale: id, buyer: buyer.name, place: buyer.place }
    if (buyer.admittedMs > 0) return await buy(buyer, holder)
    if (buyer.kind === 'socket') {
      if (buyer.place <= sale.snapshot.edge) await notePresence(line, id, [{ ...holder, presentMs: socketPresentMs }])
      schedule(buyer, nowMs() + SOCKET_PRESENCE_EVERY_MS)
      return
    }
    const isFirst = !reported.has(buyer.place)
    reported.add(buyer.place)
    if (buyer.kind === 'board' && !isFirst && buyer.place > sale.snapshot.edge) {
      schedule(buyer, nowMs() + BOARD_MS)
      return
    }
    counts.polls += 1
    if (random() < (options.reloads ?? 0)) {
      const [again] = await joinAll(line, id, [{ buyer: buyer.name, claimedPlace: 0 }])
      if (again === undefined || !('place' in again)) throw new Error(`not in line again: ${again?.kind}`)
      schedule(buyer, nowMs() + pollAfterMs(sale.snapshot, again.position - 1, random()))
      return
    }
    const told = status.fromSnapshot(sale, holder)
    if (told === undefined) counts.lookups += 1
    const { pollAfterMs: pauseMs } = told ?? (await status.fromRedis(sale, holder))
    schedule(buyer, nowMs() + pauseMs)
  }

  const admissions: { place: number; atMs: number; absentMs: number }[] = []
  const tick = async () => {
    const result = await admit(line, id, 'kid')
    if (result.kind !== 'ok') throw new Error(result.kind)
    counts.returnedSoon += result.returnedSoon
    counts.inversions += result.inversions
    for (const { slot, buyer: name, place } of result.admitted) {
      const buyer = crowd.get(name)
      if (buyer === undefined) continue
      buyer.admittedMs = nowMs()
      buyer.slot = slot
      // A socket receives the admission at once.
      if (buyer.kind === 'socket') schedule(buyer, nowMs() + STEP_MS)
      admissions.push({ place, atMs: nowMs(), absentMs: Math.max(0, nowMs() - buyer.leavesMs) })
    }
    const done: string[] = []
    while (inside[0] !== undefined && inside[0].untilMs <= nowMs()) done.push(inside.shift()?.slot ?? '')
    if (done.length > 0) counts.purchases += (await returnSlots(line, id, { slots: done, reason: 'finished' })).length
    if (result.unclaimed > 0) await returnSlots(line, id, { reason: 'unclaimed' })
  }

  const wronged = new Set<number>()
  const notePresentAside = async () => {
    for (const name of [
      ...(await redis.zrange(lineKeys(id).absent, '0', '-1')),
      ...(await redis.zrange(lineKeys(id).returning, '0', '-1')),
    ]) {
      const buyer = crowd.get(name)
      if (buyer !== undefined && nowMs() < buyer.leavesMs) wronged.add(buyer.place)
    }
  }

  let joined = 0
  for (let atMs = 0; atMs <= options.seconds * 1_000; atMs += STEP_MS) {
    const asleepUntilMs = (options.sleepSeconds ?? 0) * 1_000
    const reporting = atMs < asleepUntilMs ? [] : (due.get(atMs / STEP_MS) ?? [])
    if (atMs < asleepUntilMs)
      for (const buyer of due.get(atMs / STEP_MS) ?? []) schedule(buyer, asleepUntilMs + random() * 1_000)
    due.delete(atMs / STEP_MS)
    if (outage !== undefined && atMs >= outage.fromMs && atMs < outage.untilMs) {
      for (const buyer of reporting) schedule(buyer, outage.untilMs + random() * 1_000)
    } else {
      const wanted = Math.min(options.buyers, Math.ceil((options.buyers * (atMs + STEP_MS)) / joinMs))
      if (wanted > joined) await join(joined + 1, wanted)
      joined = Math.max(joined, wanted)
      await Promise.all(reporting.map(report))
      if (atMs % SNAPSHOT_MS === 0) {
        await presence.flush()
        sale.snapshot = (await readSnapshot(line, id)) ?? sale.snapshot
        sale.readAtMs = performance.now()
      }
      if (atMs % 100 === 0) for (let ticker = 0; ticker < (options.tickers ?? 1); ticker += 1) await tick()
      if (atMs % 5_000 === 0) await notePresentAside()
    }
    clock.advance(STEP_MS)
  }
  const waiting = [...crowd.values()].filter((buyer) => buyer.admittedMs === 0 && nowMs() < buyer.leavesMs).length
  return { admissions, wronged: [...wronged], ...counts, waiting }
}

/** Returns absent buyers who were admitted after their last report had expired. */
export function admittedAbsent({ admissions }: CrowdOutcome) {
  return admissions.filter(({ absentMs }) => absentMs > PRESENT_MS_MAX)
}

/** Returns places admitted after a later one. */
export function overtaken({ admissions }: CrowdOutcome): readonly number[] {
  let highest = 0
  return admissions.flatMap(({ place }) => {
    const isOvertaken = place < highest
    highest = Math.max(highest, place)
    return isOvertaken ? [place] : []
  })
}
