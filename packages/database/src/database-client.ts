import pg, { type ClientBase, type ClientConfig } from 'pg'
import { connectionTargets } from './connection-target.ts'
import { isConnectionLost } from './errors.ts'
import { type PrimaryWatch, primaryWatchOf, type Target, type WatchedConnection } from './primary-watch.ts'

const READ_ONLY = '25006'

export interface DatabaseClientConfig extends ClientConfig {
  readonly databaseUrl: string
}

/** What the driver's types omit. */
interface Wire {
  readonly stream: { destroy(): void }
  on(event: 'errorMessage', listener: (error: { readonly code?: string }) => void): void
}

/**
 * A connection of the driver that follows a failover. It connects to the primary among several hosts, and ends by itself
 * when its server rejects a write as read-only: that server was demoted, or the proxy in front switched too late. The
 * statement gets the error first; it is retriable.
 */
export class DatabaseClient extends pg.Client implements WatchedConnection {
  readonly #watch: PrimaryWatch | undefined
  #target: Target | undefined

  constructor(config: DatabaseClientConfig) {
    super({ ...config, ...connectionTargets(config.databaseUrl)[0] } as ClientConfig)
    this.#watch = primaryWatchOf(config.databaseUrl)
    this.#wire.on('errorMessage', ({ code }) => {
      if (code === READ_ONLY) this.#leave()
    })
    // Also keeps an error without another listener from ending the process.
    this.on('error', () => this.#watch?.suspect(this.#target))
    this.on('end', () => this.#watch?.remove(this))
  }

  get #wire(): Wire {
    return this.connection as unknown as Wire
  }

  get target(): Target | undefined {
    return this.#target
  }

  override connect(): Promise<this>
  override connect(callback: (error: Error) => void): void
  override connect(callback?: (error: Error) => void): Promise<this> | undefined {
    const connecting = this.#connectToPrimary()
    if (callback === undefined) return connecting
    connecting.then(() => callback(undefined as unknown as Error), callback)
    return undefined
  }

  /** Breaks the connection at once: statements in progress fail as lost connections. */
  drop(): void {
    this.#wire.stream.destroy()
  }

  /** Tells the watch that this server no longer responds, as a statement without a response shows. */
  suspect(error: unknown): void {
    if (isConnectionLost(error)) this.#watch?.suspect(this.#target)
  }

  async #connectToPrimary(): Promise<this> {
    if (this.#watch !== undefined) {
      this.#target = await this.#watch.find()
      Object.assign(this, { host: this.#target.host, port: this.#target.port })
      this.#watch.add(this)
    }
    try {
      await super.connect()
      return this
    } catch (error) {
      this.#watch?.suspect(this.#target)
      this.#watch?.remove(this)
      throw error
    }
  }

  /** The error reaches the statement in this turn of the event loop; the connection ends in the next. */
  #leave(): void {
    this.#watch?.suspect(this.#target)
    setImmediate(() => this.drop())
  }
}

/** The client of a pool. The types of the pool omit the argument of its constructor. */
export const CLIENT_OF_POOL = DatabaseClient as unknown as new () => ClientBase
