import type { HostAndPort } from '@floodgate/runtime'
import type { Redis } from 'ioredis'
import type { RedisCluster } from '../client.ts'
import { closeRedis } from '../lifecycle.ts'
import { slotOf } from '../masters/cluster-map.ts'
import type { Masters } from '../masters/masters.ts'
import { routeCommands } from './routed-commands.ts'

/** ioredis' own words, by which callers recognise an unavailable server. */
const NO_MASTER = 'Connection is closed.'

export function createRedisCluster(options: {
  readonly masters: Masters
  connect(address: HostAndPort): Redis
}): RedisCluster {
  const { masters } = options
  const servers = new Map<string, Redis>()
  const listeners: (() => void)[] = []
  let isClosed = false
  masters.onChange(follow)
  follow()

  function follow(): void {
    if (isClosed) return
    const wanted = new Map(masters.all().map((address) => [nameOf(address), address]))
    for (const [name, address] of wanted) if (!servers.has(name)) servers.set(name, options.connect(address))
    for (const [name, server] of servers) {
      if (wanted.has(name)) continue
      servers.delete(name)
      // At once: the replies of a master that was replaced must not count.
      server.disconnect()
    }
    for (const listener of listeners) listener()
  }

  function serverOfSlot(slot: number): Redis | undefined {
    const address = masters.ofSlot(slot)
    return address === undefined ? undefined : servers.get(nameOf(address))
  }

  function serverOf(key: string): Redis {
    const server = serverOfSlot(slotOf(key))
    if (server === undefined) throw new Error(NO_MASTER)
    return server
  }

  function disconnect(): void {
    isClosed = true
    for (const server of servers.values()) server.disconnect()
    masters.close()
  }

  return {
    ...routeCommands(serverOf),
    get status() {
      if (isClosed) return 'end'
      const isReady = masters.isComplete() && [...servers.values()].every(({ status }) => status === 'ready')
      return isReady ? 'ready' : 'connecting'
    },
    serverOf,
    serverOfSlot,
    servers: () => [...servers.values()],
    async ping() {
      if (servers.size === 0) throw new Error(NO_MASTER)
      return Promise.any([...servers.values()].map((server) => server.ping()))
    },
    onChange: (listener) => void listeners.push(listener),
    disconnect,
    async close() {
      isClosed = true
      await Promise.all([...servers.values()].map(closeRedis))
      masters.close()
    },
  }
}

const nameOf = ({ host, port }: HostAndPort): string => `${host} ${port}`
