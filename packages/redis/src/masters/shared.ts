import { type Log, parseRedisUrl, type RedisTarget } from '@floodgate/runtime'
import type { RedisOptions } from 'ioredis'
import { tlsOptionsOf } from '../tls.ts'
import { clusterSource } from './cluster-source.ts'
import { followMasters } from './follow.ts'
import { fixedMaster, type Masters } from './masters.ts'
import { sentinelSource } from './sentinels.ts'

interface Shared {
  readonly masters: Masters
  users: number
}

/** All connections of a process to one URL share what is known of its servers. */
const sharedByUrl = new Map<string, Shared>()

/** Returns the masters behind a URL. Each caller releases them by `close`. */
export function shareMasters(url: string, log: Log): Masters {
  const shared = sharedByUrl.get(url) ?? { masters: watch(parseRedisUrl(url), log), users: 0 }
  shared.users += 1
  sharedByUrl.set(url, shared)
  let isReleased = false
  return {
    ...shared.masters,
    close() {
      if (isReleased) return
      isReleased = true
      shared.users -= 1
      if (shared.users > 0) return
      if (sharedByUrl.get(url) === shared) sharedByUrl.delete(url)
      shared.masters.close()
    },
  }
}

function watch(target: RedisTarget, log: Log): Masters {
  const [address] = target.addresses
  if (target.kind === 'server' && address !== undefined) return fixedMaster(address)
  const tls: RedisOptions['tls'] = target.tls === undefined ? undefined : tlsOptionsOf(target.tls)
  if (target.kind === 'cluster') return followMasters(clusterSource(target, tls), { log })
  return followMasters(sentinelSource(target, tls), { log })
}
