import { readFileSync } from 'node:fs'
import { withTransaction } from '@floodgate/database'
import { insertOutbox } from '@floodgate/outbox'
import type { Pool, PoolClient } from 'pg'
import { judgePayments, type PaymentFindings, type PaymentVerdict } from './judge-payments.ts'

const followText = readFileSync(new URL('./follow-payments.sql', import.meta.url), 'utf8')

/** Payment workers report an open breaker every three seconds; two reports may be lost. */
const REPORT_MS_MAX = 10_000
const ANNOUNCE_EVERY_MS = 20_000
/** Without a newer announcement a delay is over for its readers: two may be lost. */
const ANNOUNCED_FOR_MS = 60_000

export interface PaymentTimes {
  readonly silenceMs: number
  readonly calmMs: number
}

interface PaymentWatch extends PaymentFindings {
  readonly version: number
  readonly now: Date
  /** When the delay began; now, where there is none. */
  readonly since: Date
}

/**
 * Judges payments once: records the verdict and announces it, in one transaction. `mayBeSilent`: false while this
 * process has not watched for long enough to call the worker silent.
 */
export function followPayments(
  pool: Pool,
  { silenceMs, calmMs }: PaymentTimes,
  { mayBeSilent }: { readonly mayBeSilent: boolean },
): Promise<PaymentVerdict> {
  return withTransaction(pool, async (client) => {
    const { rows } = await client.query<PaymentWatch>({
      name: 'follow-payments',
      text: followText,
      values: [silenceMs, calmMs, REPORT_MS_MAX, ANNOUNCE_EVERY_MS],
    })
    const [watch] = rows
    if (watch === undefined) throw new Error('orders.payment_watch has no row')
    const verdict = judgePayments({ ...watch, isWorkerSilent: watch.isWorkerSilent && mayBeSilent })
    await record(client, verdict)
    await announce(client, watch, verdict)
    return verdict
  })
}

async function record(client: PoolClient, verdict: PaymentVerdict): Promise<void> {
  switch (verdict.kind) {
    case 'begins':
      await client.query('update orders.payment_watch set delayed_since = now(), trouble_at = now()')
      return
    case 'lasts':
      await client.query('update orders.payment_watch set trouble_at = now()')
      return
    case 'ends':
      await client.query('update orders.payment_watch set delayed_since = null')
      return
    case 'calming':
    case 'as-usual':
  }
}

async function announce(client: PoolClient, watch: PaymentWatch, verdict: PaymentVerdict): Promise<void> {
  const isEnd = verdict.kind === 'ends'
  if (!isEnd && !('announce' in verdict && verdict.announce)) return
  const version = watch.version + 1
  await client.query('update orders.payment_watch set version = $1, announced_at = now()', [version])
  const times = { since: watch.since.toISOString(), at: watch.now.toISOString() }
  const until = new Date(watch.now.getTime() + ANNOUNCED_FOR_MS).toISOString()
  await insertOutbox(client, 'orders', [
    isEnd
      ? { type: 'payment.resumed.v1', version, data: times }
      : { type: 'payment.delayed.v1', version, data: { ...times, until } },
  ])
}
