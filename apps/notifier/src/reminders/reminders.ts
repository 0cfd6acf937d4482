import { type Repeated, repeat } from '@floodgate/async'
import type { EventBus, Subscription } from '@floodgate/event-bus'
import { type CountLimited, createEnforcedLimit, type Route } from '@floodgate/http'
import { createRareWarnings, type Logger } from '@floodgate/runtime'
import type { Pool } from 'pg'
import type { Config } from '../config.ts'
import type { Addresses } from './addresses.ts'
import { consumeSales } from './known-sales.ts'
import { createIsFull } from './reminder-room.ts'
import { reminderRoutes } from './reminder-routes.ts'
import { countReminders, forgetReminders, queueDueReminders } from './reminder-store.ts'
import { createStopTokens } from './stop-tokens.ts'

const SECOND = 1_000
const ROUND_MS = SECOND
/** Rounds between two clean-ups. */
const FORGET_EVERY_ROUNDS = 10
/** Fresh mails that may wait for the sender while reminders are added, in seconds of its pace. */
const AHEAD_SECONDS = 2

export interface Reminders {
  readonly routes: readonly Route[]
  subscribe(bus: EventBus): Subscription
  start(): void
  stop(): Promise<void>
}

/** Wires reminders: requests, the sales they are about, and their mails, which any process queues, each once. */
export function createReminders(
  config: Pick<
    Config,
    | 'emailKey'
    | 'ipv6SiteFactor'
    | 'mailsPerSecond'
    | 'reminderMinutes'
    | 'remindersPerSecond'
    | 'remindersBurst'
    | 'remindersPerSaleMax'
  >,
  deps: {
    readonly pool: Pool
    readonly log: Logger
    readonly countLimited: CountLimited
    readonly addresses: Addresses
    /** The host of every Message-ID. */
    readonly mailHost: string
    onMailQueued(): void
  },
): Reminders {
  const { pool, log, countLimited, mailHost: host } = deps
  const limit = createEnforcedLimit(
    { name: 'reminders', perSecond: config.remindersPerSecond, burst: config.remindersBurst },
    { countLimited, siteFactor: config.ipv6SiteFactor },
  )
  const warn = createRareWarnings(log)
  const due = { leadMinutes: config.reminderMinutes, countMax: config.mailsPerSecond * AHEAD_SECONDS, host }
  let rounds: Repeated | undefined
  async function round(_: AbortSignal, number: number): Promise<void> {
    const reminders = await queueDueReminders(pool, due)
    if (reminders > 0) {
      log.info({ step: 'reminders.queued', reminders }, 'reminders queued')
      deps.onMailQueued()
    }
    if (number % FORGET_EVERY_ROUNDS === 0) await forgetReminders(pool)
    // Not only with the first request: none may come between two changes of the ring.
    await deps.addresses.readKeys()
  }
  return {
    routes: reminderRoutes({
      ...{ pool, addresses: deps.addresses, stopTokens: createStopTokens(config.emailKey), limit, countLimited },
      isFull: createIsFull(config.remindersPerSaleMax, {
        count: (sale) => countReminders(pool, sale, config.remindersPerSaleMax),
      }),
    }),
    subscribe: (bus) => consumeSales({ bus, pool }),
    start() {
      const onError = (error: unknown) => warn('reminders', { error }, 'reminders not queued; next round retries')
      rounds = repeat({ everyMs: ROUND_MS, work: round, onError })
    },
    async stop() {
      await rounds?.stop()
    },
  }
}
