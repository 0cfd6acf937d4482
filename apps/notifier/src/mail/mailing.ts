import { settledWithin } from '@floodgate/async'
import { closeGraceMsOf, type ServiceDeps } from '@floodgate/runtime'
import type { Pool } from 'pg'
import type { Config } from '../config.ts'
import { createSender, leaseMsOf } from '../delivery/sender.ts'
import { createServerPace } from '../delivery/server-pace.ts'
import { judgeReminder, takeBackReminder } from '../reminders/reminder-store.ts'
import { createStopTokens } from '../reminders/stop-tokens.ts'
import { createAttempt, type MailOutcome } from './attempt.ts'
import { createMailMetrics } from './mail-metrics.ts'
import { mailRoutes } from './mail-routes.ts'
import { createMailQueue, type QueuedMail } from './mail-store.ts'
import { createOpenEmail } from './open-email.ts'
import { createLinkTo } from './order-links.ts'
import { createLinksOf } from './reminder.ts'
import { createMailer } from './smtp.ts'
import { createMailOperations } from './unsent-mails.ts'

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
    queue: createMailOperations(pool).measure,
    isPaused: () => pace.fault() !== undefined,
    onQueueUnread: (error) => log.warn({ error }, 'mail queue not measured'),
  })
  const mailer = createMailer(config)
  const queue = createMailQueue(pool)

  function onTried(mail: QueuedMail, outcome: MailOutcome, startedMs: number): void {
    const { orderId: order, kind, attempts, messageId, traceparent } = mail
    metrics.outcomes.inc({ outcome })
    tracing.record({
      ...{ name: 'mail', traceparent: tracing.continue(traceparent) ?? '', parent: traceparent },
      startedMs,
      attributes: {
        'floodgate.order': order,
        'floodgate.mail': kind,
        'floodgate.attempt': attempts,
        'floodgate.outcome': outcome,
      },
    })
    const fields = { order, kind, messageId, attempts, ms: Math.round(performance.now() - startedMs) }
    if (outcome === 'sent') log.info({ step: 'mail.sent', ...fields }, 'mail sent')
    else log.warn({ ...fields, outcome }, 'mail not sent')
  }

  const sender = createSender<QueuedMail, MailOutcome>({
    ...{ name: 'mails', queue, pace, log },
    attempt: createAttempt({
      queue,
      mailer,
      openEmail: createOpenEmail(config.emailKey),
      linkTo: createLinkTo(config),
      linksOf: createLinksOf(config, createStopTokens(config.emailKey)),
      reminders: {
        judge: (told) => judgeReminder(pool, told),
        takeBack: (mail) => takeBackReminder(pool, mail),
      },
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
    onTried,
    onHeld: () => metrics.outcomes.inc({ outcome: 'held' }),
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
