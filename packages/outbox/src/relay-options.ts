import type { EventBus } from '@floodgate/event-bus'
import type { Logger } from '@floodgate/runtime'
import type { Pool } from 'pg'
import type { Backlog, StoredEvent } from './store.ts'
import type { OutboxSchema } from './write.ts'

export interface RelayOptions {
  /** Whose outbox. */
  readonly schema: OutboxSchema
  /** The CloudEvents `source`, e.g. `/floodgate/order-core`. */
  readonly source: string
  readonly pool: Pool
  /** For the connection of its own on which the lock lives. */
  readonly databaseUrl: string
  readonly bus: Pick<EventBus, 'publish' | 'storeRun'>
  readonly log: Logger
  reachFailPoint?(name: 'after-publish-before-delete'): Promise<void>
  /** After a batch was published and marked. */
  onPublished?(events: readonly StoredEvent[]): void
  onPublishFailed?(error: unknown): void
  /** A row can never be published and was moved aside. */
  onParked?(row: { readonly type: string; readonly reason: string }): void
  /** Every five seconds, in the process that publishes. */
  onBacklog?(backlog: Backlog): void
  /** The fallback, should a wake-up be lost with its process. Default 1 s. */
  readonly pollMs?: number
  /** Rows per publish. Default 500. */
  readonly rowsMax?: number
}
