import type { Log } from '@floodgate/runtime'
import { slotOf } from './cluster-map.ts'
import type { Masters } from './masters.ts'

const ASK_INTERVAL_MS = 1_000
/** After a refused call: the topology is changing at the moment. */
const ASK_SOON_MS = 100
const WARN_INTERVAL_MS = 10_000

/** One way to ask for the topology. */
export interface Source<Topology> {
  /** Asks now. Rejects when it cannot be known. */
  ask(): Promise<Topology>
  masterOf(topology: Topology, slot: number): ReturnType<Masters['ofSlot']>
  mastersOf(topology: Topology): ReturnType<Masters['all']>
  isComplete(topology: Topology): boolean
  isSame(a: Topology, b: Topology): boolean
  close(): void
}

/** Asks a source once a second, and soon after `refresh`. */
export function followMasters<Topology>(source: Source<Topology>, { log }: { readonly log: Log }): Masters {
  const listeners = new Set<() => void>()
  let known: Topology | undefined
  let timer: NodeJS.Timeout | undefined
  let dueAtMs = Number.POSITIVE_INFINITY
  let asking: Promise<Topology> | undefined
  let warnedAtMs = Number.NEGATIVE_INFINITY
  let isClosed = false

  function learn(topology: Topology): void {
    const isNew = known === undefined || !source.isSame(known, topology)
    known = topology
    if (isNew && !isClosed) for (const listener of [...listeners]) listener()
  }

  async function ask(): Promise<Topology> {
    const topology = await source.ask()
    learn(topology)
    return topology
  }

  /** Never later than planned: many refused calls must not postpone the answer that they need. */
  function askAgain(inMs: number): void {
    const atMs = performance.now() + inMs
    if (isClosed || atMs >= dueAtMs) return
    clearTimeout(timer)
    dueAtMs = atMs
    timer = setTimeout(() => {
      dueAtMs = Number.POSITIVE_INFINITY
      asking ??= ask().finally(() => {
        asking = undefined
        askAgain(ASK_INTERVAL_MS)
      })
      asking.catch(warn)
    }, inMs)
    timer.unref()
  }

  function warn(error: unknown): void {
    const nowMs = performance.now()
    if (isClosed || nowMs - warnedAtMs < WARN_INTERVAL_MS) return
    warnedAtMs = nowMs
    log.warn({ error: String(error) }, 'Redis topology unknown; retrying')
  }

  const ofSlot: Masters['ofSlot'] = (slot) => (known === undefined ? undefined : source.masterOf(known, slot))

  askAgain(0)
  return {
    async find(key) {
      const master = source.masterOf(await ask(), slotOf(key))
      if (master === undefined) throw new Error('No master of Redis is known.')
      return master
    },
    known: (key) => ofSlot(slotOf(key)),
    ofSlot,
    all: () => (known === undefined ? [] : source.mastersOf(known)),
    isComplete: () => known !== undefined && source.isComplete(known),
    refresh: () => askAgain(ASK_SOON_MS),
    onChange(listener) {
      listeners.add(listener)
      return function remove() {
        listeners.delete(listener)
      }
    },
    close() {
      isClosed = true
      clearTimeout(timer)
      source.close()
    },
  }
}
