import type { HostAndPort, RedisTarget } from '@floodgate/runtime'
import type { RedisOptions } from 'ioredis'
import { type ClusterMap, type ClusterView, mergeViews } from './cluster-map.ts'
import { createMajority } from './first-majority.ts'
import type { Source } from './follow.ts'
import { TopologyUnknown } from './topology-unknown.ts'
import { openWatcher, type Watcher } from './watcher.ts'

/** In a larger cluster some nodes know enough. */
const ASKED_MAX = 16

/** Asks the nodes of a Redis Cluster which master serves which slot, and merges their replies. */
export function clusterSource(target: RedisTarget, tls: RedisOptions['tls']): Source<ClusterMap> {
  const { username, password } = target
  const options = {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls === undefined ? {} : { tls }),
  }
  const watchers = new Map<string, { readonly host: string; readonly watcher: Watcher }>()

  function watch(addresses: readonly HostAndPort[]): void {
    const wanted = new Map(addresses.slice(0, ASKED_MAX).map((each) => [`${each.host} ${each.port}`, each]))
    for (const [name, address] of wanted)
      if (!watchers.has(name)) watchers.set(name, { host: address.host, watcher: openWatcher(address, options) })
    for (const [name, { watcher }] of watchers) {
      if (wanted.has(name)) continue
      watchers.delete(name)
      watcher.close()
    }
  }

  watch(target.addresses)
  const askMajority = createMajority<ClusterView>()
  async function viewOf({ host, watcher }: { host: string; watcher: Watcher }): Promise<ClusterView> {
    return { host, reply: String(await watcher.ask('CLUSTER', 'NODES')) }
  }
  return {
    async ask() {
      const asked = [...watchers].map(([name, node]) => [name, viewOf(node)] as const)
      const { replies: views, failures } = await askMajority(new Map(asked))
      if (views.length === 0) throw new TopologyUnknown(failures, 'no node of the Redis Cluster replies')
      const map = mergeViews(views)
      // The addresses of the URL stay: all other nodes may be replaced by new ones.
      watch([...target.addresses, ...map.nodes])
      return map
    },
    masterOf: (map, slot) => map.owners[slot],
    mastersOf: (map) => map.masters,
    isComplete: (map) => !map.owners.includes(undefined),
    isSame: (a, b) => a.signature === b.signature,
    close() {
      for (const { watcher } of watchers.values()) watcher.close()
    },
  }
}
