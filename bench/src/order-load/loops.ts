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
  readonly requests: readonly Buffer[]
  /** No request is started after this time. */
  readonly msMax: number
}

const TICK_MS = 2

/** Lets every connection send its next request as soon as the last one got its response. */
export async function closedLoop({ connections, requests, msMax }: Load): Promise<Sent[]> {
  const sent: Sent[] = []
  const startedAt = performance.now()
  let next = 0
  await Promise.all(
    connections.map(async (connection) => {
      while (performance.now() - startedAt < msMax) {
        const request = requests[next]
        if (request === undefined) return
        next += 1
        const dueAt = performance.now()
        const status = await statusOf(connection, request)
        sent.push({ status, ms: performance.now() - dueAt, lateMs: 0 })
        if (status === 0) return
      }
    }),
  )
  return sent
}

/**
 * Starts requests at a fixed rate, whatever the responses do. A request that finds every connection busy waits for one;
 * that wait counts as lateness and towards its time.
 */
export async function openLoop(load: Load & { readonly perSecond: number }): Promise<Sent[]> {
  const { requests, msMax, perSecond } = load
  const idle = [...load.connections]
  const sent: Sent[] = []
  const underWay = new Set<Promise<void>>()
  const startedAt = performance.now()
  const wanted = Math.min(requests.length, Math.floor((msMax / 1_000) * perSecond))

  const start = async (connection: Connection, request: Buffer, dueAt: number): Promise<void> => {
    const lateMs = performance.now() - dueAt
    const status = await statusOf(connection, request)
    sent.push({ status, ms: performance.now() - dueAt, lateMs })
    if (status !== 0) idle.push(connection)
  }
  for (let next = 0; next < wanted; ) {
    const dueAt = startedAt + (next / perSecond) * 1_000
    const request = requests[next]
    const connection = dueAt <= performance.now() ? idle.pop() : undefined
    if (connection === undefined || request === undefined) {
      if (idle.length === 0 && underWay.size === 0) break
      await delay(TICK_MS)
      continue
    }
    next += 1
    const going = start(connection, request, dueAt).finally(() => underWay.delete(going))
    underWay.add(going)
  }
  await Promise.all(underWay)
  return sent
}

const statusOf = (connection: Connection, request: Buffer): Promise<number> =>
  connection.exchange(request).catch(() => 0)
