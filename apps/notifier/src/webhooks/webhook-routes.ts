import { notifierRoutes, WEBHOOKS_REPLAYED_MAX } from '@floodgate/contracts'
import { handle, NO_STORE, type Route } from '@floodgate/http'
import { AppError } from '@floodgate/runtime'
import type { Pool } from 'pg'
import type { QueueOperations } from '../delivery/queue-operations.ts'
import { orUnavailable } from '../unavailable.ts'
import { dropDeadWebhooks, dropWebhook } from './drop-webhooks.ts'
import { countDeadWebhooks } from './webhook-figures.ts'
import { deliveryOfRow, listWebhooks, readEndpoint, type WebhookRow } from './webhook-store.ts'

export interface WebhookRouteDeps {
  readonly pool: Pool
  /** The queues of the configured endpoints, by name. */
  readonly queues: ReadonlyMap<string, QueueOperations<WebhookRow>>
  readonly leaseMs: number
  onReplayed(): void
}

/** Serves the operator's routes for webhooks. */
export function webhookRoutes({ pool, queues, leaseMs, onReplayed }: WebhookRouteDeps): readonly Route[] {
  async function replayAll(): Promise<{ replayed: number; dead: number }> {
    let replayed = 0
    for (const queue of queues.values()) replayed += await queue.retryDead(WEBHOOKS_REPLAYED_MAX - replayed)
    return { replayed, dead: await countDeadWebhooks(pool, [...queues.keys()]) }
  }

  async function replayOne(id: string): Promise<WebhookRow> {
    const endpoint = await readEndpoint(pool, id)
    if (endpoint === undefined) throw new AppError('not-found')
    const queue = queues.get(endpoint)
    if (queue === undefined) throw new AppError('endpoint-gone', { detail: `WEBHOOKS has no ${endpoint}.` })
    const row = await queue.retry(id, leaseMs)
    if (row === undefined) throw new AppError('not-found')
    return row
  }

  async function dropOne(id: string): Promise<WebhookRow> {
    const dropped = await dropWebhook(pool, id)
    if (dropped !== undefined) return dropped
    if ((await readEndpoint(pool, id)) === undefined) throw new AppError('not-found')
    throw new AppError('webhook-not-dead')
  }

  return [
    handle(notifierRoutes.dropWebhooks, async function dropOldDeadWebhooks(request, reply) {
      const { before } = await request.body()
      const dropped = await orUnavailable(dropDeadWebhooks(pool, { before, max: WEBHOOKS_REPLAYED_MAX }))
      return reply(200, { dropped, dead: await orUnavailable(countDeadWebhooks(pool)) }, NO_STORE)
    }),
    handle(notifierRoutes.dropWebhook, async function dropOneWebhook(request, reply) {
      const { id } = request.params
      await request.body()
      return reply(200, deliveryOfRow(await orUnavailable(dropOne(id))), NO_STORE)
    }),
    handle(notifierRoutes.listWebhooks, async function listDeliveries({ query }, reply) {
      const webhooks = await orUnavailable(listWebhooks(pool, query))
      const next = webhooks.length < query.limit ? null : (webhooks.at(-1)?.id ?? null)
      return reply(200, { webhooks, next }, NO_STORE)
    }),
    handle(notifierRoutes.replayWebhooks, async function replayDeadWebhooks(request, reply) {
      await request.body()
      const replayed = await orUnavailable(replayAll())
      onReplayed()
      return reply(200, replayed, NO_STORE)
    }),
    handle(notifierRoutes.replayWebhook, async function replayOneWebhook(request, reply) {
      const { id } = request.params
      await request.body()
      const row = await orUnavailable(replayOne(id))
      onReplayed()
      return reply(200, deliveryOfRow(row), NO_STORE)
    }),
  ]
}
