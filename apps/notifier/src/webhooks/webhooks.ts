import { settledWithin } from '@floodgate/async'
import { closeGraceMsOf, type ServiceDeps } from '@floodgate/runtime'
import type { Pool } from 'pg'
import type { Config } from '../config.ts'
import { figuresOf } from '../delivery/queue-operations.ts'
import { createFiguresReader } from '../delivery/read-figures.ts'
import { createSender, leaseMsOf } from '../delivery/sender.ts'
import { createServerPace } from '../delivery/server-pace.ts'
import { createWebhookAttempt, type WebhookOutcome } from './attempt.ts'
import { endpointsOf, secretsOf, type WebhookEndpoint } from './endpoints.ts'
import { measureWebhooks } from './webhook-figures.ts'
import { createWebhookMetrics } from './webhook-metrics.ts'
import { webhookRoutes } from './webhook-routes.ts'
import { createWebhookOperations, createWebhookQueue, type QueuedWebhook } from './webhook-store.ts'

/** Time for webhooks in progress at a stop. */
const FINISH_MS_MAX = 3_000
/** Additional time to record their outcomes in an unresponsive database. */
const RECORD_MS_MAX = 500

/**
 * Wires one sender for each endpoint, with its own queue and pace: an endpoint that is down or mute delays no other.
 * `health` names those that fail.
 */
export function createWebhooks(
  config: Config,
  deps: { pool: Pool } & Pick<ServiceDeps, 'log' | 'metrics' | 'tracing'>,
) {
  const { pool, log, tracing } = deps
  const stopping = new AbortController()
  const cutting = new AbortController()
  const endpoints = endpointsOf(config)
  const secrets = secretsOf(config)
  const figures = createFiguresReader(
    () => measureWebhooks(pool),
    (error) => log.warn({ error }, 'webhook queues not measured'),
  )
  const measured = endpoints.map((endpoint) => {
    const operations = createWebhookOperations(pool, endpoint)
    const pace = createServerPace({ placesMax: config.webhookConnections })
    return {
      ...{ endpoint, operations, pace, name: endpoint.name },
      figures: async () => {
        const all = await figures()
        return all === undefined ? undefined : (all.get(endpoint.name) ?? figuresOf([]))
      },
      isPaused: () => pace.fault() !== undefined,
    }
  })
  const metrics = createWebhookMetrics(deps.metrics, measured)

  function onTried(webhook: QueuedWebhook, outcome: WebhookOutcome, startedMs: number): void {
    const { endpoint, orderId: order, attempts, traceparent, body } = webhook
    const ms = performance.now() - startedMs
    metrics.outcomes.inc({ endpoint, outcome })
    metrics.seconds.observe({ endpoint }, ms / 1_000)
    tracing.record({
      ...{ name: 'webhook', traceparent: tracing.continue(traceparent) ?? '', parent: traceparent },
      startedMs,
      attributes: {
        'floodgate.order': order,
        'floodgate.webhook': body.type,
        'floodgate.endpoint': endpoint,
        'floodgate.attempt': attempts,
        'floodgate.outcome': outcome,
      },
    })
    const fields = { order, type: body.type, endpoint, attempts, ms: Math.round(ms) }
    if (outcome === 'sent') log.info({ step: 'webhook.sent', ...fields }, 'webhook sent')
    else log.warn({ ...fields, outcome }, 'webhook not sent')
  }

  function createEndpointSender({ name, url }: WebhookEndpoint, pace: ReturnType<typeof createServerPace>) {
    const queue = createWebhookQueue(pool, { name, url })
    return createSender<QueuedWebhook, WebhookOutcome>({
      ...{ name: `webhooks-${name}`, queue, pace, log, onTried },
      attempt: createWebhookAttempt({
        ...{ pool, queue, url, secrets, pace, stopping: cutting.signal, retryHours: config.webhookRetryHours },
        onFault: (detail) => log.warn({ endpoint: name, detail }, 'webhook endpoint paused'),
      }),
      concurrency: config.webhookConnections,
      perSecondMax: config.webhooksPerSecond,
      sendMsMax: config.webhookTimeoutMs,
      retryHours: config.webhookRetryHours,
    })
  }

  const senders = measured.map(({ endpoint, pace }) => createEndpointSender(endpoint, pace))
  let sending: Promise<unknown> = Promise.resolve()

  function wake(): void {
    for (const sender of senders) sender.wake()
  }

  return {
    endpoints,
    wake,
    health() {
      const failing = measured.flatMap(({ name, pace }) => {
        const fault = pace.fault()
        return fault === undefined ? [] : [`${name}: ${fault}`]
      })
      return failing.length === 0 ? { ready: true } : { ready: false, detail: failing.join(', ') }
    },
    routes: webhookRoutes({
      pool,
      queues: new Map(measured.map(({ name, operations }) => [name, operations])),
      leaseMs: leaseMsOf(config.webhookTimeoutMs),
      onReplayed: wake,
    }),
    start() {
      sending = Promise.all(senders.map((sender) => sender.run(stopping.signal)))
    },
    /** Claims no more webhooks, and ends those in progress while the listeners close. */
    async stop() {
      stopping.abort()
      const finishMsMax = Math.min(FINISH_MS_MAX, closeGraceMsOf(config) - RECORD_MS_MAX)
      await settledWithin(Math.max(0, finishMsMax), sending)
      cutting.abort()
      await settledWithin(RECORD_MS_MAX, sending)
    },
  }
}
