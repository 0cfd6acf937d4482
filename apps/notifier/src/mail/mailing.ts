import { settledWithin } from '@floodgate/async'
import { closeGraceMsOf, type ServiceDeps } from '@floodgate/runtime'
import type { Pool } from 'pg'
import type { Config } from '../config.ts'
import { createAttempt } from './attempt.ts'
import { createMailMetrics } from './mail-metrics.ts'
import { mailRoutes } from './mail-routes.ts'
import { createOpenEmail } from './open-email.ts'
import { createLinkTo } from './order-links.ts'
import { createSender, leaseMsOf } from './sender.ts'
import { createServerPace } from './server-pace.ts'
import { createMailer } from './smtp.ts'
import { readQueue } from './unsent-mails.ts'

/** Time beyond the silence limit of the mail server: connecting, and its replies before the last one. */
const SEND_MS_EXTRA = 10_000
/** Time for mails in progress at a stop. */
const FINISH_MS_MAX = 3_000
/** Additional time to record the outcomes of the last mails in an unresponsive database. */
const RECORD_MS_MAX = 500

/** Wires the sender. `health` reports what is wrong with the mail server. */
export function createMailing(config: Config, deps: { pool: Pool } & Pick<ServiceDeps, 'log' | 'metrics' | 'tracing'>) {
  const { pool, log, tracing } = deps
  const stopping = new AbortController()
  const sendMsMax = config.smtpTimeoutMs + SEND_MS_EXTRA
  const pace = createServerPace({ placesMax: config.smtpConnections })
  const metrics = createMailMetrics(deps.metrics, {
    queue: () => readQueue(pool),
    isPaused: () => pace.fault() !== undefined,
    onQueueUnread: (error) => log.warn({ error }, 'mail queue not measured'),
  })
  const mailer = createMailer(config)
  const sender = createSender({
    ...{ pool, pace, log, tracing },
    attempt: createAttempt({
      pool,
      mailer,
      openEmail: createOpenEmail(config.emailKey),
      linkTo: createLinkTo(config),
      pace,
      log,
      attemptsMax: config.mailAttempts,
      retryHours: config.mailRetryHours,
      unreadableHours: config.mailUnreadableHours,
      onPause: (cause) => metrics.pauses.inc({ cause }),
    }),
    concurrency: config.smtpConnections,
    perSecondMax: config.mailsPerSecond,
    sendMsMax,
    retryHours: config.mailRetryHours,
    onOutcome: (outcome) => metrics.outcomes.inc({ outcome }),
  })
  let sending: Promise<void> = Promise.resolve()
  return {
    wake: sender.wake,
    health() {
      const detail = pace.fault()
      return detail === undefined ? { ready: true } : { ready: false, detail }
    },
    routes: mailRoutes({ pool, leaseMs: leaseMsOf(sendMsMax), onRetried: sender.wake }),
    start() {
      sending = sender.run(stopping.signal)
    },
    /** Claims no more mails, and ends those in progress while the listeners close. */
    async stop() {
      stopping.abort()
      // A silent mail server is disconnected; another process sends its mails.
      const finishMsMax = Math.min(FINISH_MS_MAX, closeGraceMsOf(config) - RECORD_MS_MAX)
      await settledWithin(Math.max(0, finishMsMax), sending)
      mailer.close()
      await settledWithin(RECORD_MS_MAX, sending)
    },
  }
}
