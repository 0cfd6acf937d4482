import type { HostAndPort } from '@floodgate/runtime'
import type { Redis } from 'ioredis'
import { closeRedis } from '../lifecycle.ts'
import type { Masters } from '../masters/masters.ts'
import { slotOf } from './cluster-map.ts'
import { type RoutedCommands, routeCommands } from './routed-commands.ts'

/**
 * One connection to each master of a Redis Cluster. Each call goes to the master that serves its key as far as is known,
 * and is never repeated or redirected: a server that no longer serves it (`MOVED`, `ASK`) rejects it, the masters are
 * looked up again, and the caller decides.
 *
 * ioredis' own Cluster follows redirections and repeats calls by itself, so that a script would arrive at a new
 * master with the run id of the old one.
 */
export interface RedisCluster extends RoutedCommands {
  /** `ready` while every slot has a master with a connection. */
  readonly status: 'ready' | 'connecting' | 'end'
  /** See `serverOf`. */
  serverOf(key: string): Redis
  /** Returns the connection to the master of a slot, if one is known. */
  serverOfSlot(slot: number): Redis | undefined
  /** Connections to all known masters. */
  servers(): readonly Redis[]
  /** Resolves once one master has replied. */
  ping(): Promise<'PONG'>
  /** Registers a listener for new masters, and for other owners of slots. */
  onChange(listener: () => void): void
  /** Closes all connections at once, without waiting for replies. */
  disconnect(): void
  /** Closes them permanently, after the replies in progress. Never throws. */
  close(): Promise<void>
}

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
