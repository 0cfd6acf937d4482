import type { EventType, FloodgateEvent } from '@floodgate/contracts'
import { isRetriableDatabaseError } from '@floodgate/database'
import {
  beginSubscription,
  type EventBus,
  mergeBatches,
  type SubscribeOptions,
  type Subscription,
} from '@floodgate/event-bus'
import type { Pool } from 'pg'
import { keepNotices } from './inbox/inbox-store.ts'
import { inboxNoticeOf } from './inbox/notice-of.ts'
import type { LiveChannel } from './live/live-channel.ts'
import { newestStates } from './live/order-state.ts'
import { keepDelay, newestDelay } from './live/payment-delay.ts'
import { keepStates } from './live/state-store.ts'
import { queueMails } from './mail/mail-store.ts'
import { MAILED_TYPES, mailOf } from './mail/notice.ts'
import type { NotifierMetrics } from './metrics.ts'
import { SALES_GROUP } from './reminders/known-sales.ts'
import { STOCK_GROUP } from './stock/consume-stock.ts'
import type { WebhookEndpoint } from './webhooks/endpoints.ts'
import { WEBHOOK_EVENTS, webhookOf } from './webhooks/payload.ts'
import { queueWebhooks } from './webhooks/webhook-store.ts'

export interface ConsumerDeps {
  readonly bus: EventBus
  readonly pool: Pool
  readonly metrics: NotifierMetrics
  readonly channel: LiveChannel
  /** The host of every Message-ID. */
  readonly mailHost: string
  onMailQueued(): void
  /** How long mails, states, webhooks and notices are kept; 0: forever. Older events restore nothing. */
  readonly mailDays: number
  readonly stateDays: number
  readonly endpoints: readonly WebhookEndpoint[]
  onWebhookQueued(): void
  readonly webhookDays: number
  readonly inboxDays: number
}

/** Batches of mails and webhooks may be far apart: a delivery takes seconds anyway. */
const DELIVERIES_PACE_MS = 500
/** In a busy second, changes reach buyers' pages up to this much later. The first one after a rest is sent at once. */
const LIVE_PACE_MS = 200

const MAILS_GROUP = 'notifier.mails'
const LIVE_GROUP = 'notifier.live'
const WEBHOOKS_GROUP = 'notifier.webhooks'
const INBOX_GROUP = 'notifier.inbox'
export const GROUPS = [MAILS_GROUP, LIVE_GROUP, WEBHOOKS_GROUP, INBOX_GROUP, STOCK_GROUP, SALES_GROUP]

const DAY_MS = 86_400_000

function isYoungerThan(days: number): (event: FloodgateEvent) => boolean {
  const sinceMs = days === 0 ? Number.NEGATIVE_INFINITY : Date.now() - days * DAY_MS
  return function isYounger({ time }) {
    return Date.parse(time) >= sinceMs
  }
}

interface Stored<Item extends object> {
  readonly group: string
  readonly types: readonly EventType[]
  /** How long items are kept; 0: forever. */
  readonly days: number
  itemOf(event: FloodgateEvent): Item | undefined
  keep(items: readonly Item[]): Promise<void>
}

/** A group for each purpose, so that none delays another. */
export function subscribeToOrders(deps: ConsumerDeps): readonly Subscription[] {
  const common = {
    topics: ['floodgate.orders'],
    isRetriable: isRetriableDatabaseError,
  } satisfies Partial<SubscribeOptions>

  /** Redis may be unavailable: the processes with sockets notice that too, and read the states again when it is back. */
  async function tell(told: Promise<void>): Promise<void> {
    await told.catch(() => deps.metrics.liveFailures.inc())
  }

  /** Stores what young events of these types yield. */
  function store<Item extends object>({ group, types, days, itemOf, keep }: Stored<Item>): Subscription {
    return beginSubscription(deps.bus, {
      ...common,
      ...{ group, types, paceMs: DELIVERIES_PACE_MS },
      handle: mergeBatches(async (batch) => {
        const items = batch.filter(isYoungerThan(days)).flatMap((event) => itemOf(event) ?? [])
        if (items.length > 0) await keep(items)
      }),
    })
  }

  const mails = store({
    ...{ group: MAILS_GROUP, types: MAILED_TYPES, days: deps.mailDays, itemOf: mailOf },
    async keep(wanted) {
      await queueMails(deps.pool, wanted, deps.mailHost)
      deps.onMailQueued()
    },
  })
  // Without endpoints too: one that is configured later gets what happens from then on.
  const webhooks = store({
    ...{ group: WEBHOOKS_GROUP, types: WEBHOOK_EVENTS, days: deps.webhookDays, itemOf: webhookOf },
    async keep(wanted) {
      if (deps.endpoints.length === 0) return
      await queueWebhooks(deps.pool, wanted, deps.endpoints)
      deps.onWebhookQueued()
    },
  })
  const inbox = store({
    ...{ group: INBOX_GROUP, types: MAILED_TYPES, days: deps.inboxDays, itemOf: inboxNoticeOf },
    keep: (notices) => keepNotices(deps.pool, notices),
  })
  const live = beginSubscription(deps.bus, {
    ...common,
    ...{ group: LIVE_GROUP, paceMs: LIVE_PACE_MS },
    handle: mergeBatches(async (batch) => {
      const delay = newestDelay(batch)
      if (delay !== undefined && (await keepDelay(deps.pool, delay))) await tell(deps.channel.tellPayments())
      const states = newestStates(batch.filter(isYoungerThan(deps.stateDays)))
      if (states.length === 0) return
      const newest = await keepStates(deps.pool, states)
      await tell(deps.channel.tell(newest))
    }),
  })
  return [mails, live, webhooks, inbox]
}
