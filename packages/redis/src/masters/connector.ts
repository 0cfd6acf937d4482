import { connect as connectTcp, Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { HostAndPort } from '@floodgate/runtime'
import { AbstractConnector, type Redis, type RedisOptions } from 'ioredis'
import { isSameAddress, type Masters } from './masters.ts'

/**
 * Connects to the master of a key, and asks for it anew before each attempt. Follow it with {@link followChanges}.
 *
 * ioredis' own connector for Sentinels believes the first Sentinel that replies, and ends for good when a failover is
 * reported during its look-up.
 */
export function masterConnector({
  masters,
  key,
  tls,
  onReplica,
}: ConnectorOptions): NonNullable<RedisOptions['Connector']> {
  return class MasterConnector extends AbstractConnector {
    constructor(options: unknown) {
      super((options as RedisOptions).disconnectTimeout ?? 0)
    }

    /** Resolves to a destroyed socket when no master is found: then ioredis tries again after its usual pause. */
    async connect() {
      this.connecting = true
      delete this.firstError
      try {
        const address = await masters.find(key)
        if (this.connecting) return this.open(address)
      } catch (error) {
        this.firstError = error as Error
      }
      return new Socket().destroy()
    }

    private open(address: HostAndPort) {
      this.stream = tls === undefined ? connectTcp(address) : connectTls({ ...address, ...tls })
      // A TLS socket may fail twice, and an error without a listener ends the process.
      this.stream.on('error', (error) => {
        this.firstError ??= error
      })
      Object.assign(this.stream, { [TARGET]: address })
      return this.stream
    }

    override check(info: { readonly role?: string }): boolean {
      if (info.role === undefined || info.role === 'master') return true
      onReplica()
      return false
    }
  }
}

interface ConnectorOptions {
  readonly masters: Masters
  readonly key: string
  readonly tls: RedisOptions['tls']
  /** Called when the server is a replica; the connection to it ends. */
  onReplica(): void
}

/** A replica is where the master was expected. */
export class ReplicaFound extends Error {
  constructor() {
    super('the server is a replica and accepts no writes')
  }
}

const TARGET = Symbol('address of the master')

/** Leaves a server as soon as another one is known to be the master, and releases `masters` at the end. */
export function followChanges(redis: Redis, { masters, key }: Pick<ConnectorOptions, 'masters' | 'key'>): void {
  function leaveIfReplaced(): void {
    const connected = (redis.stream as { [TARGET]?: HostAndPort } | undefined)?.[TARGET]
    const isOpen = redis.status === 'ready' || redis.status === 'connect'
    if (isOpen && connected !== undefined && !isSameAddress(connected, masters.known(key))) redis.disconnect(true)
  }
  const stop = masters.onChange(leaveIfReplaced)
  // It may have been replaced while the connection was being opened.
  redis.on('connect', leaveIfReplaced)
  redis.once('end', () => {
    stop()
    masters.close()
  })
}
