import type { Pool } from 'pg'
import { Webhook } from 'standardwebhooks'
import type { DeliveryQueue } from '../delivery/delivery-queue.ts'
import type { Attempt } from '../delivery/sender.ts'
import type { ServerPace } from '../delivery/server-pace.ts'
import { type Posted, post } from './post.ts'
import { type QueuedWebhook, recordAttempt } from './webhook-store.ts'

/** The outcome of an attempt. `deferred`: retried later. `expired`: retried for too long. `gone`: the endpoint said 410. */
export type WebhookOutcome = 'sent' | 'deferred' | 'expired' | 'gone'

export interface WebhookAttemptDeps {
  readonly pool: Pool
  readonly queue: DeliveryQueue<QueuedWebhook>
  readonly url: string
  /** Each signs, so that the shop may replace one by another. */
  readonly secrets: readonly string[]
  readonly pace: ServerPace
  readonly retryHours: number
  /** Ends requests in progress at a stop. */
  readonly stopping: AbortSignal
  onFault(detail: string): void
}

const WAIT_MS_MIN = 1_000
const WAIT_MS_MAX = 10 * 60 * 1_000
const GONE = 410
/** Statuses of a server that takes nothing at the moment, beside 5xx. */
const BUSY_STATUSES = [408, 425, 429]

type Reaction = 'taken' | 'gone' | 'refused' | 'fault'

/** Returns what a result says: about this webhook (`refused`), or about the endpoint (`fault`). Pure. */
export function reactionOf(posted: Posted): Reaction {
  if (posted.kind === 'failed') return 'fault'
  const { status } = posted
  if (status >= 200 && status < 300) return 'taken'
  if (status === GONE) return 'gone'
  return status >= 500 || BUSY_STATUSES.includes(status) ? 'fault' : 'refused'
}

/** Returns the headers of a webhook, signed with every secret (Standard Webhooks). Pure. */
export function signedHeaders(
  { id, body, secrets }: { readonly id: string; readonly body: string; readonly secrets: readonly string[] },
  at: Date,
): Record<string, string> {
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, at, body)).join(' '),
  }
}

/** Sends webhooks of one endpoint. A faulty endpoint is paused by its pace, and each webhook is retried for a day. */
export function createWebhookAttempt(deps: WebhookAttemptDeps): Attempt<QueuedWebhook, WebhookOutcome> {
  const { pool, queue, pace } = deps

  async function defer(id: string, error: string): Promise<WebhookOutcome> {
    const after = await queue.putOff(id, {
      ...{ kind: 'deferred', error, rejected: false, rejectionsMax: 1 },
      ...{ hoursMax: deps.retryHours, waitMsMin: WAIT_MS_MIN, waitMsMax: WAIT_MS_MAX },
    })
    return after === 'dead' ? 'expired' : 'deferred'
  }

  return {
    hold: async () => false,
    async run({ id, eventId, body: payload }, signal) {
      const startedMs = performance.now()
      const body = JSON.stringify(payload)
      const posted = await post(deps.url, {
        headers: signedHeaders({ id: eventId, body, secrets: deps.secrets }, new Date()),
        ...{ body, signal: AbortSignal.any([signal, deps.stopping]) },
      })
      const reaction = reactionOf(posted)
      const nowMs = performance.now()
      const detail = posted.kind === 'response' ? `HTTP ${posted.status}` : posted.detail
      if (reaction !== 'fault') pace.onResponse()
      else if (pace.onFault({ cause: 'connection', detail }, { startedMs, nowMs })) deps.onFault(detail)
      await recordAttempt(pool, id, {
        status: posted.kind === 'response' ? posted.status : null,
        ms: Math.round(nowMs - startedMs),
      })
      if (reaction === 'taken') return 'sent'
      if (reaction !== 'gone') return defer(id, detail)
      await queue.markDead(id, detail)
      return 'gone'
    },
  }
}
