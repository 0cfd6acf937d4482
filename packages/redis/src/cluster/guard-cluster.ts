import { pause } from '@floodgate/async'
import type { Redis } from 'ioredis'
import type { RedisCluster } from '../client.ts'
import { SLOTS, slotOf } from '../masters/cluster-map.ts'
import type { Restart, RunIdGuard } from '../run-guard.ts'

const POLL_MS = 20

/**
 * Guards each master of a Cluster by itself. The run of a key is that of the master that serves it, read together with
 * the connection over which the call is sent. A slot that gets another master, by a failover or because it was moved,
 * has another run.
 */
export function guardCluster(cluster: RedisCluster, guardServer: (redis: Redis) => RunIdGuard): RunIdGuard {
  const guards = new Map<Redis, RunIdGuard>()
  /** The newest known run of each slot. */
  const runs: (string | undefined)[] = new Array(SLOTS).fill(undefined)
  const listeners: ((restart: Restart) => void)[] = []
  cluster.onChange(follow)
  follow()

  function follow(): void {
    const servers = new Set(cluster.servers())
    for (const server of guards.keys()) if (!servers.has(server)) guards.delete(server)
    for (const server of servers) {
      if (guards.has(server)) continue
      const guard = guardServer(server)
      guards.set(server, guard)
      guard.onRestart(compare)
      guard.known(new AbortController().signal).then(compare, () => undefined)
    }
    compare()
  }

  function currentOf(slot: number): string | undefined {
    const server = cluster.serverOfSlot(slot)
    return server === undefined ? undefined : guards.get(server)?.current('')
  }

  /** Compares the runs of all slots with the last ones. */
  function compare(): void {
    const before = new Map<number, string>()
    for (let slot = 0; slot < SLOTS; slot += 1) {
      const [previous, runId] = [runs[slot], currentOf(slot)]
      if (runId === undefined || runId === previous) continue
      runs[slot] = runId
      if (previous !== undefined) before.set(slot, previous)
    }
    if (before.size === 0) return
    const now = [...runs]
    function of(key: string) {
      const slot = slotOf(key)
      const [previous, runId] = [before.get(slot), now[slot]]
      return previous === undefined || runId === undefined ? undefined : { runId, previous }
    }
    for (const listener of listeners) listener({ of })
  }

  return {
    current: (key) => currentOf(slotOf(key)),
    isAnyKnown: () => [...guards.values()].some((guard) => guard.isAnyKnown()),
    onRestart: (listener) => void listeners.push(listener),
    async known(signal, key = '') {
      for (;;) {
        const runId = currentOf(slotOf(key))
        const isComplete = cluster.status === 'ready' && [...guards.values()].every((guard) => guard.isAnyKnown())
        if (runId !== undefined && isComplete) return runId
        await pause(POLL_MS, signal)
        signal.throwIfAborted()
      }
    },
  }
}
