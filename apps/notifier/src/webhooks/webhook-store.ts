import type { WebhookDelivery, WebhookPayload, WebhookState, WebhookType } from '@floodgate/contracts'
import type { Pool } from 'pg'
import { type Claimed, createDeliveryQueue, type DeliveryQueue, type QueueTable } from '../delivery/delivery-queue.ts'
import { createQueueOperations, type QueueOperations } from '../delivery/queue-operations.ts'
import type { WebhookEndpoint } from './endpoints.ts'
import type { NewWebhook } from './payload.ts'

export interface QueuedWebhook extends Claimed {
  readonly eventId: string
  readonly endpoint: string
  readonly orderId: string
  readonly body: WebhookPayload
  readonly traceparent: string | null
}

/** The name of an endpoint has only letters, digits and dashes; as a literal it matches the partial indexes. */
function tableOf({ name }: WebhookEndpoint): QueueTable {
  return {
    name: `webhooks-${name}`,
    table: 'notices.webhooks',
    key: 'id',
    columns: `event_id as "eventId", endpoint, order_id as "orderId", body, traceparent`,
    only: `endpoint = '${name}'`,
  }
}

/** Returns the queue of one endpoint. */
export function createWebhookQueue(pool: Pool, endpoint: WebhookEndpoint): DeliveryQueue<QueuedWebhook> {
  return createDeliveryQueue(pool, tableOf(endpoint))
}

/** Returns what operators and metrics do with the queue of one endpoint. A sent webhook can be sent again. */
export function createWebhookOperations(pool: Pool, endpoint: WebhookEndpoint): QueueOperations<WebhookRow> {
  return createQueueOperations<WebhookRow>(pool, {
    ...tableOf(endpoint),
    listed: WEBHOOK_COLUMNS,
    over: `status in ('sent', 'dead')`,
  })
}

/**
 * Queues webhooks for each endpoint; ignores those that were queued before. The buyer of an erased order is left out:
 * its state has lost its buyer.
 */
export async function queueWebhooks(
  pool: Pool,
  webhooks: readonly NewWebhook[],
  endpoints: readonly WebhookEndpoint[],
): Promise<void> {
  const rows = webhooks.flatMap((webhook) => endpoints.map(({ name }) => ({ ...webhook, endpoint: name })))
  await pool.query({
    name: 'queue-webhooks',
    text: `insert into notices.webhooks (id, event_id, endpoint, order_id, type, body, traceparent)
     select event_id || '.' || endpoint, event_id, endpoint, order_id, type,
       case when exists (select from notices.order_states state where state.order_id = webhook.order_id and state.buyer = '')
         then jsonb_set(body, '{data,buyer}', 'null') else body end,
       traceparent
     from unnest($1::text[], $2::text[], $3::uuid[], $4::text[], $5::jsonb[], $6::text[])
       as webhook (event_id, endpoint, order_id, type, body, traceparent)
     order by 1
     on conflict do nothing`,
    values: [
      rows.map(({ eventId }) => eventId),
      rows.map(({ endpoint }) => endpoint),
      rows.map(({ payload }) => payload.data.order),
      rows.map(({ payload }) => payload.type),
      rows.map(({ payload }) => JSON.stringify(payload)),
      rows.map(({ traceparent }) => traceparent ?? null),
    ],
  })
}

/** Attempts that the log keeps of each webhook: the newest ones. */
const TRIES_KEPT = 20

/** Records an attempt for the log of deliveries. `status`: of the response; null without one. */
export async function recordAttempt(
  pool: Pool,
  id: string,
  { status, ms }: { readonly status: number | null; readonly ms: number },
): Promise<void> {
  await pool.query({
    name: 'record-webhook-attempt',
    text: `update notices.webhooks set last_status = $2, last_ms = $3, tried_at = now(),
       tries = case when jsonb_array_length(tries) >= $4 then tries - 0 else tries end
         || jsonb_build_object('at', now(), 'status', $2::int, 'ms', $3::int)
     where id = $1`,
    values: [id, status, ms, TRIES_KEPT],
  })
}

export interface WebhookRow {
  readonly id: string
  readonly event: string
  readonly endpoint: string
  readonly order: string
  readonly type: WebhookType
  readonly status: 'queued' | 'sent' | 'dead'
  readonly trouble: 'deferred' | null
  readonly attempts: number
  readonly lastStatus: number | null
  readonly ms: number | null
  readonly error: string | null
  readonly createdAt: Date
  readonly triedAt: Date | null
  readonly dueAt: Date
  /** Null for one that was dropped, though its status is `sent`. */
  readonly sentAt: Date | null
  readonly tries: readonly { readonly at: string; readonly status: number | null; readonly ms: number }[]
}

export const WEBHOOK_COLUMNS = `id, event_id as event, endpoint, order_id as "order", type, status, trouble, attempts,
  last_status as "lastStatus", last_ms as ms, last_error as error, created_at as "createdAt", tried_at as "triedAt",
  due_at as "dueAt", sent_at as "sentAt", tries`

/** Returns the operator's view of a row. */
export function deliveryOfRow(row: WebhookRow): WebhookDelivery {
  const { lastStatus, createdAt, triedAt, dueAt, sentAt, status, trouble: _, tries, ...rest } = row
  return {
    ...rest,
    state: stateOf(row),
    status: lastStatus,
    createdAt: createdAt.toISOString(),
    triedAt: triedAt?.toISOString() ?? null,
    dueAt: status === 'queued' ? dueAt.toISOString() : null,
    sentAt: sentAt?.toISOString() ?? null,
    recentAttempts: tries.map((each) => ({ ...each, at: new Date(each.at).toISOString() })),
  }
}

function stateOf({ status, trouble, sentAt }: WebhookRow): WebhookState {
  if (status === 'queued') return trouble ?? 'queued'
  return status === 'sent' && sentAt === null ? 'dropped' : status
}

const CONDITIONS: Readonly<Record<WebhookState, string>> = {
  queued: `status = 'queued' and trouble is null`,
  deferred: `status = 'queued' and trouble = 'deferred'`,
  dead: `status = 'dead'`,
  sent: `status = 'sent' and sent_at is not null`,
  dropped: `status = 'sent' and sent_at is null`,
}

export interface ListedWebhooks {
  readonly state?: WebhookState | undefined
  readonly order?: string | undefined
  readonly after?: string | undefined
  readonly limit: number
}

/** Reads webhooks of all endpoints, newest first, after the webhook `after`. */
export async function listWebhooks(
  pool: Pool,
  { state, order, after, limit }: ListedWebhooks,
): Promise<WebhookDelivery[]> {
  const { rows } = await pool.query<WebhookRow>(
    `select ${WEBHOOK_COLUMNS} from notices.webhooks
     where ${state === undefined ? 'true' : CONDITIONS[state]}
       and ${order === undefined ? '$3::uuid is null' : 'order_id = $3::uuid'}
       and ($1::text is null or (created_at, id) < (select created_at, id from notices.webhooks where id = $1))
     order by created_at desc, id desc limit $2`,
    [after ?? null, limit, order ?? null],
  )
  return rows.map(deliveryOfRow)
}

/** Reads the endpoint of a webhook; undefined when it does not exist. */
export async function readEndpoint(pool: Pool, id: string): Promise<string | undefined> {
  const { rows } = await pool.query<{ endpoint: string }>('select endpoint from notices.webhooks where id = $1', [id])
  return rows[0]?.endpoint
}
