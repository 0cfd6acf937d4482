import { setTimeout as delay } from 'node:timers/promises'
import type { Connection } from './connection.ts'

/** The outcome of one request; `status` 0: no response. */
export interface Sent {
  readonly status: number
  readonly ms: number
  readonly lateMs: number
}

export interface Load {
  readonly connections: readonly Connection[]
  /** Returns the next request; undefined after the last one. */
  next(): Buffer | undefined
  /** No request is started after this time. */
  readonly msMax: number
}

/** How often a busy connection is looked for once a request is due. */
const TICK_MS = 2

/**
 * Lets every connection send its next request as soon as the last one got its response. With `stages`, rising
 * numbers, only that many send, one number after the other in equal parts of the time.
 */
export async function closedLoop({
  connections,
  next,
  msMax,
  stages = [connections.length],
}: Load & { readonly stages?: readonly number[] }): Promise<Sent[]> {
  const sent: Sent[] = []
  const startedAt = performance.now()
  await Promise.all(
    connections.map(async (connection, index) => {
      const startsAfterMs = beginningOf(index, { stages, msMax })
      if (startsAfterMs > 0) await delay(startsAfterMs)
      while (performance.now() - startedAt < msMax) {
        const request = next()
        if (request === undefined) return
        const dueAt = performance.now()
        const status = await statusOf(connection, request)
        sent.push({ status, ms: performance.now() - dueAt, lateMs: 0 })
        if (status === 0) return
      }
    }),
  )
  return sent
}

/** Returns when a connection begins, in ms: with the first stage that includes it. Pure. */
export function beginningOf(
  index: number,
  { stages, msMax }: { readonly stages: readonly number[]; readonly msMax: number },
): number {
  const stage = stages.findIndex((count) => index < count)
  return stage < 0 ? msMax : (stage * msMax) / stages.length
}

/**
 * Starts requests at a fixed rate, whatever the responses do. A request that finds every connection busy waits for one;
 * that wait counts as lateness and towards its time.
 */
export async function openLoop(load: Load & { readonly perSecond: number }): Promise<Sent[]> {
  const { msMax, perSecond } = load
  const idle = [...load.connections]
  const sent: Sent[] = []
  const underWay = new Set<Promise<void>>()
  const startedAt = performance.now()
  const wanted = Math.floor((msMax / 1_000) * perSecond)

  const start = async (connection: Connection, request: Buffer, dueAt: number): Promise<void> => {
    const lateMs = performance.now() - dueAt
    const status = await statusOf(connection, request)
    sent.push({ status, ms: performance.now() - dueAt, lateMs })
    if (status !== 0) idle.push(connection)
  }
  for (let started = 0; started < wanted; ) {
    const dueAt = startedAt + (started / perSecond) * 1_000
    const earlyMs = dueAt - performance.now()
    const connection = earlyMs <= 0 ? idle.pop() : undefined
    if (connection === undefined) {
      if (idle.length === 0 && underWay.size === 0) break
      await delay(earlyMs > 0 ? Math.ceil(earlyMs) : TICK_MS)
      continue
    }
    const request = load.next()
    if (request === undefined) break
    started += 1
    const going = start(connection, request, dueAt).finally(() => underWay.delete(going))
    underWay.add(going)
  }
  await Promise.all(underWay)
  return sent
}

const statusOf = async (connection: Connection, request: Buffer): Promise<number> => {
  try {
    return (await connection.exchange(request)).status
  } catch {
    return 0
  }
}
