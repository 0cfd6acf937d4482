import type { EventBus } from '@floodgate/event-bus'
import type { Logger } from '@floodgate/runtime'
import type { Pool } from 'pg'
import type { Backlog, StoredEvent } from './store.ts'
import type { OutboxSchema } from './write.ts'

export interface RelayOptions {
  /** The app whose outbox is published. */
  readonly schema: OutboxSchema
  /** The CloudEvents `source`, e.g. `/floodgate/order-core`. */
  readonly source: string
  readonly pool: Pool
  /** For the connection that holds the lock. */
  readonly databaseUrl: string
  readonly bus: Pick<EventBus, 'publish' | 'storeRun'>
  readonly log: Logger
  reachFailPoint?(name: 'after-publish-before-delete'): Promise<void>
  /** Called after a batch was published and marked. */
  onPublished?(events: readonly StoredEvent[]): void
  onPublishFailed?(error: unknown): void
  /** Called when a row can never be published and was moved aside. */
  onParked?(row: { readonly type: string; readonly reason: string }): void
  /** Called every five seconds, in the process that publishes. */
  onBacklog?(backlog: Backlog): void
  /** Fallback for a wake-up that was lost with its process. Default 1 s. */
  readonly pollMs?: number
  /** Rows per publish. Default 500. */
  readonly rowsMax?: number
}
